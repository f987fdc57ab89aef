/* SPDX-License-Identifier: Apache-2.0 */

/* The invalidation log of a namespace, its mirrors in two processes, and an entry with one tag.
 *
 * There is no lease here: every load is stored, and what keeps old values from being read is the log alone.
 *
 * Claims:
 *   - no read gives anything older than what was invalidated, by tag or by clearing, before it began;
 *   - when every commit is invalidated, an entry that the log finds valid is what the source has.
 *
 * An invalidation counts as acknowledged once it has taken effect. Scripts, and a read with its question for the log, are
 * one step each; their answers come later, in any order. The server's clock helps nobody: a log that is made anew begins
 * at what its maker knows of. Two tags would differ only in that one crowds out the other, so the other is seen when a
 * log trims itself.
 *
 * Each of these takes a guard out, and must fail:
 *   STAMP_AFTER_LOAD  an entry is stamped with what its process knows when the load has ended
 *   COUNTER           a log that was lost begins at zero again, and nothing tells that it is another
 *   TRIM_FORGETS      a tag is forgotten, and the floor stays
 *   ANY_ANSWER        a mirror takes an answer of another log whatever it has learnt since it asked
 */

#ifndef READERS
#define READERS 3
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
/* How often the log is lost, and trims itself. */
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef TRIMS
#define TRIMS 1
#endif

#define me _pid
#define HOME(reader) (2 * (reader) >= READERS)
/* Of readers that are alike only one order of first steps is looked at. */
#define MAY_START(reader) \
    (epochs > 0 && (reader == 0 || HOME(reader) != HOME(reader - 1) || hasStarted[reader - 1]))

#define MAX(one, other) ((one) > (other) -> (one) : (other))

/* The log, a mirror of it, or an answer on its way. There is none when the epoch is zero. */
typedef Log {
    byte epoch;
    byte head;
    byte floor;         /* what is stamped below is not valid */
    byte tag;           /* nor is this, if it has the tag */
}
Log log;
Log mirror[2];

typedef Entry { bit isStored; byte value; byte epoch; byte stamp }
Entry entry;

#define IS_VALID(entry, log) \
    (entry.isStored && entry.epoch == log.epoch && entry.stamp >= log.floor && entry.stamp >= log.tag)

byte source;            /* the version that is committed */
byte acknowledged;      /* the highest that was invalidated */
byte invalidations;
byte epochs;
byte losses;
byte trims;
bit hasStarted[READERS];

inline copyLog(target, original) {
    target.epoch = original.epoch; target.head = original.head; target.floor = original.floor; target.tag = original.tag
}
inline clearLog(target) {
    target.epoch = 0; target.head = 0; target.floor = 0; target.tag = 0
}
inline copyEntry(target, original) {
    target.isStored = original.isStored; target.value = original.value;
    target.epoch = original.epoch; target.stamp = original.stamp
}
inline clearEntry(target) {
    target.isStored = 0; target.value = 0; target.epoch = 0; target.stamp = 0
}

/* A log in which nothing from before is valid. */
inline make(known) {
#ifdef COUNTER
    epochs = 1; log.epoch = 1; log.floor = 0;
#else
    epochs++;
    log.epoch = epochs; log.floor = known + 1;
#endif
    log.head = log.floor + 1; log.tag = 0
}

/* A new sequence, SEQUENCE, with the head above it. */
inline mint() {
    if
    :: log.epoch == 0 -> make(0)
    :: else
    fi;
    log.head = log.head + 2
}
#define SEQUENCE (log.head - 1)

inline trim(which) {
#ifndef TRIM_FORGETS
    which.floor = MAX(which.floor, which.tag);
#endif
    which.tag = 0
}

#define MINE mirror[HOME(me)]

inline ask() {
    asked.epoch = MINE.epoch; asked.head = MINE.head
}

/* What the log has from the head on that the asker knows; nothing when it is another, or knows less. */
inline answerRead() {
    copyLog(reply, log);
#ifndef COUNTER
    if
    :: log.epoch != asked.epoch || log.head < asked.head -> clearLog(reply)
    :: else ->
        reply.floor = (log.floor < asked.head -> 0 : log.floor);
        reply.tag = (log.tag < asked.head -> 0 : log.tag)
    fi
#endif
}

/* The whole log, made anew if it is lost or knows less than the asker. */
inline answerPull() {
    if
#ifdef COUNTER
    :: log.epoch == 0 -> make(0)
#else
    :: log.epoch == 0 || log.epoch == asked.epoch && log.head < asked.head -> make(asked.head)
#endif
    :: else
    fi;
    copyLog(reply, log)
}

/* Takes in an answer; sets whether the mirror may judge what was read with it. */
inline apply(isWhole) {
#ifdef COUNTER
    isApplied = (reply.epoch != 0);
    if
    :: isApplied -> copyLog(MINE, reply)
    :: else
    fi;
#else
    if
    :: reply.epoch == 0 -> isApplied = 0
    :: reply.epoch != 0 && reply.epoch == MINE.epoch ->
        MINE.head = MAX(MINE.head, reply.head);
        MINE.floor = MAX(MINE.floor, reply.floor);
        MINE.tag = MAX(MINE.tag, reply.tag);
        isApplied = 1
    :: reply.epoch != 0 && reply.epoch != MINE.epoch ->
#ifdef ANY_ANSWER
        isApplied = 1;
#else
        isApplied = (isWhole && asked.epoch == MINE.epoch);
#endif
        if
        :: isApplied && isWhole -> copyLog(MINE, reply)
        :: else
        fi
    fi;
#endif
    clearLog(reply); asked.epoch = 0; asked.head = 0
}

active [READERS] proctype Reader() {
    Log asked, reply;
    Entry found;
    byte least;
    bit isApplied;

    MAY_START(me);
read:
    atomic {
        if
        :: !hasStarted[me] -> hasStarted[me] = 1; least = acknowledged
        :: else
        fi;
        if
        :: MINE.epoch == 0 -> goto pull
        :: else ->
            d_step {
                ask(); copyEntry(found, entry); answerRead();
                printf("reader %d is sent version %d, and a log of epoch %d\n",
                    me, (found.isStored -> found.value : -1), reply.epoch) }
        fi
    }
    atomic {
        d_step { apply(false) }
        if
        :: !isApplied -> d_step { clearEntry(found) } goto pull
        :: isApplied && IS_VALID(found, MINE) ->
            printf("reader %d takes version %d\n", me, found.value); assert(found.value >= least); goto done
        :: isApplied && !IS_VALID(found, MINE) ->
            d_step { clearEntry(found); found.epoch = MINE.epoch; found.stamp = MINE.head; isApplied = 0; least = 0;
                printf("reader %d misses, and knows epoch %d to %d\n", me, MINE.epoch, MINE.head) }
        fi
    }
    d_step { found.value = source; printf("reader %d loads version %d\n", me, source) }
    atomic {
        d_step {
#ifdef STAMP_AFTER_LOAD
            found.epoch = MINE.epoch; found.stamp = MINE.head;
#endif
            found.isStored = 1; copyEntry(entry, found);
            printf("reader %d stores version %d, stamped %d of epoch %d\n", me, found.value, found.stamp, found.epoch) }
        goto done
    }
pull:
    atomic { d_step { ask(); answerPull(); printf("reader %d is sent the log of epoch %d\n", me, reply.epoch) } }
    atomic { d_step { apply(true); isApplied = 0; printf("reader %d knows epoch %d to %d\n", me, MINE.epoch, MINE.head) }
        goto read }
done:
    atomic { d_step { clearEntry(found); isApplied = 0; least = 0 } }
end:
    false
}

inline acknowledge() {
    printf("version %d invalidates by %d of epoch %d\n", version, SEQUENCE, log.epoch);
    acknowledged = MAX(acknowledged, version); version = 0; invalidations++
}

active [WRITERS] proctype Writer() {
    byte version;

    d_step { epochs > 0 && source == _pid - READERS ->
        source++; version = source; printf("version %d is committed\n", version) }
    if
    :: d_step { mint(); log.tag = SEQUENCE; acknowledge() }
    :: d_step { mint(); log.floor = SEQUENCE; log.tag = 0; acknowledge() }
    fi
}

active proctype Surroundings() {
    d_step { make(0); copyLog(mirror[1], log) }
end:
    do
    :: d_step { entry.isStored -> printf("the entry is removed\n"); clearEntry(entry) }
    :: d_step { log.epoch != 0 && losses < LOSSES -> printf("the log is lost\n"); losses++; clearLog(log) }
    /* Another tag is invalidated, for which there is no room. */
    :: d_step { log.epoch != 0 && trims < TRIMS -> printf("the log trims itself\n"); trims++; mint(); trim(log) }
    :: d_step { mirror[0].tag != 0 -> printf("mirror 0 trims itself\n"); trim(mirror[0]) }
    :: d_step { mirror[1].tag != 0 -> printf("mirror 1 trims itself\n"); trim(mirror[1]) }
    :: atomic { invalidations == WRITERS && IS_VALID(entry, log) -> assert(entry.value == source) }
    od
}
