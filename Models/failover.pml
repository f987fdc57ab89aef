/* SPDX-License-Identifier: Apache-2.0 */

/* A server that loses what it had acknowledged: an entry with its lease, and the log, on a master that is replaced by an
 * earlier state of itself. That is a replica that is promoted without the last writes, and as well a server that is
 * started again from an old snapshot. Removed entries come back, and dead tokens, and invalidations are missing in the log.
 *
 * The log names the server that made it, and its promotion. A process believes an answer only over a connection that was verified
 * before the question was sent; verifying has the log made anew, with another epoch, unless this master made it. There is one
 * connection for each process and master. A log made anew is above all sequences too; here the epoch alone has to do.
 *
 * Claims:
 *   - no read gives anything older than what was invalidated before it began, and no joiner, whoever was the master then;
 *   - when every commit is invalidated, what may be read is what the source has.
 *
 * An invalidation counts as acknowledged once it has taken effect on the master. The sequence of the tag's last invalidation
 * stands for the log; log.pml has the rest. A lease is granted always: leases run out.
 *
 * Definitions that change what happens, or what is claimed:
 *   DEATHS=1      process 0 dies, and one that knows nothing goes on in its place
 *   RETURNS       two servers take turns as master, each always within the same run
 *   AT_REST_ONLY  the second claim alone
 *
 * Must fail:
 *   TRUSTED       the log is believed, whoever made it
 *   REPLAY        the log is believed, and before a process first reads from another master it repeats what it has
 *                 invalidated: others may read before that. AT_REST_ONLY holds; with DEATHS=1 it fails too
 *   LATE_TRUST    an answer is believed if its connection is verified by the time it is looked at
 *   NAMES_RUN     with RETURNS and FALLS=2, the log names the run of its server and not the promotion: a run finds its own
 *                 log, and what was lost meanwhile left no trace
 *   OUTLASTS      with RETURNS and FALLS=2, a connection stays verified while its server is a replica and a master again
 */

#ifndef READERS
#define READERS 3
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
/* How often the master is replaced, and how often process 0 dies. */
#ifndef FALLS
#define FALLS 1
#endif
#ifndef DEATHS
#define DEATHS 0
#endif

#define me _pid
#define HOME(reader) (2 * (reader) >= READERS)
/* Of readers that are alike only one order of first steps is looked at. */
#define MAY_START(reader) \
    (term > 0 && (reader == 0 || HOME(reader) != HOME(reader - 1) || hasStarted[reader - 1]))

#define MAX(one, other) ((one) > (other) -> (one) : (other))

typedef Entry { bit isStored; byte value; byte epoch; byte stamp; byte token }
typedef Log {
    byte epoch;
    byte last;          /* the sequence of the tag's last invalidation */
    byte maker;
}
typedef Server { Entry entry; Log log }
Server master;
Server earlier;         /* what the replica or the snapshot has */
byte term;              /* counts the masters */
byte epochs;

#ifdef RETURNS
#define RUN (term % 2)
#else
#define RUN term
#endif
#ifdef NAMES_RUN
#define NAME RUN
#else
#define NAME term
#endif
#if defined(TRUSTED) || defined(REPLAY)
#define IS_FOREIGN false
#else
#define IS_FOREIGN (master.log.maker != NAME)
#endif

#define BY_KEY 1
#define BY_TAG 2
typedef Process {
    byte epoch;         /* what it knows of the log */
    byte last;
    byte verified;      /* a bit for each master */
    byte invalidated;   /* how it has invalidated, to be repeated */
}
Process process[2];
#define MINE process[HOME(me)]
/* Which connection leads to a master. */
#ifdef OUTLASTS
#define CONNECTION(term) ((term) % 2)
#else
#define CONNECTION(term) (term)
#endif
#define IS_VERIFIED(number) (process[number].verified & (1 << CONNECTION(term)))

#ifdef LATE_TRUST
#define IS_TRUSTED_AT_SENDING true
#define IS_TRUSTED_AT_LOOKING (MINE.verified & (1 << CONNECTION(answer.term)))
#else
#define IS_TRUSTED_AT_SENDING IS_VERIFIED(HOME(me))
#define IS_TRUSTED_AT_LOOKING true
#endif

#define IS_VALID(entry, log) (entry.isStored && entry.epoch == log.epoch && entry.stamp >= log.last)

byte source;            /* the version that is committed */
byte acknowledged;      /* the highest that was invalidated */
byte invalidations;
byte deaths;
bit hasStarted[READERS];

/* Macros, since the arguments of an inline cannot be parts of something. */
#define copyEntry(target, original) \
    target.isStored = original.isStored; target.value = original.value; \
    target.epoch = original.epoch; target.stamp = original.stamp
#define clearEntry(target) \
    target.isStored = 0; target.value = 0; target.epoch = 0; target.stamp = 0
#define copyServer(target, original) \
    copyEntry(target.entry, original.entry); target.entry.token = original.entry.token; \
    target.log.epoch = original.log.epoch; target.log.last = original.log.last; target.log.maker = original.log.maker

inline removeEntry() {
    clearEntry(master.entry); master.entry.token = 0
}

inline make() {
    epochs++;
    master.log.epoch = epochs; master.log.last = 0; master.log.maker = NAME
}

/* To show REPLAY at its best its sequences come from a clock that all servers share. */
#ifdef REPLAY
byte clock;
#define invalidateTag() clock++; master.log.last = clock
#else
#define invalidateTag() master.log.last++
#endif

/* What the log answers, on its way. There is nothing when the epoch is zero. */
typedef Exchange { byte epoch; byte last; byte term }

/* The log answers those who know this log, and no more than it has. */
inline exchange() {
    if
    :: master.log.epoch == MINE.epoch && master.log.last >= MINE.last && IS_TRUSTED_AT_SENDING ->
        answer.epoch = master.log.epoch; answer.last = master.log.last;
#ifdef LATE_TRUST
        answer.term = term
#endif
    :: else
    fi
}

inline forget() { answer.epoch = 0; answer.last = 0; answer.term = 0 }

inline apply() {
    isApplied = (answer.epoch != 0 && answer.epoch == MINE.epoch && IS_TRUSTED_AT_LOOKING);
    if
    :: isApplied -> MINE.last = MAX(MINE.last, answer.last)
    :: else
    fi;
    forget()
}

inline repeat(number) {
#ifdef REPLAY
    if
    :: process[number].invalidated & BY_KEY -> removeEntry()
    :: else
    fi;
    if
    :: process[number].invalidated & BY_TAG -> invalidateTag()
    :: else
    fi
#else
    skip
#endif
}

#ifdef AT_REST_ONLY
#define CHECK(value) skip
#else
#define CHECK(value) assert(value >= least)
#endif

active [READERS] proctype Reader() {
    Exchange answer;
    Entry found;
    byte least, asked;
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
                copyEntry(found, master.entry); exchange();
                printf("reader %d is sent version %d, and a log of epoch %d\n",
                    me, (found.isStored -> found.value : -1), answer.epoch) }
        fi
    }
    atomic {
        d_step { apply() }
        if
        :: !isApplied -> d_step { clearEntry(found) } goto pull
        :: isApplied && IS_VALID(found, MINE) ->
            printf("reader %d takes version %d\n", me, found.value); CHECK(found.value); goto done
        :: isApplied && !IS_VALID(found, MINE) ->
            d_step { clearEntry(found); found.epoch = MINE.epoch; found.stamp = MINE.last; isApplied = 0; least = 0;
                printf("reader %d misses, and knows epoch %d to %d\n", me, MINE.epoch, MINE.last) }
        fi
    }
    d_step { master.entry.token = me + 1; printf("reader %d gets the lease\n", me) }
    d_step { found.value = source; printf("reader %d loads version %d\n", me, source) }
    /* A joiner who comes right before the fill is sent asks for most. */
    atomic {
        if
        :: master.entry.token != me + 1 -> goto done
        :: else ->
            d_step {
                found.isStored = 1; copyEntry(master.entry, found); master.entry.token = 0;
                printf("reader %d stores version %d of epoch %d; a joiner comes\n", me, found.value, found.epoch);
                least = acknowledged; exchange() }
        fi
    }
    atomic {
        d_step { apply() }
        if
        :: isApplied && IS_VALID(found, MINE) ->
            printf("the joiner of reader %d takes version %d\n", me, found.value); CHECK(found.value)
        :: else
        fi;
        goto done
    }
pull:
    atomic { d_step {
        repeat(HOME(me));
        if
        :: IS_FOREIGN || master.log.epoch == MINE.epoch && master.log.last < MINE.last -> make()
        :: else
        fi;
        asked = MINE.epoch;
        answer.epoch = master.log.epoch; answer.last = master.log.last; answer.term = term;
        printf("reader %d verifies its connection to master %d: epoch %d\n", me, term, answer.epoch) } }
    MINE.verified = MINE.verified | (1 << CONNECTION(answer.term));
    atomic {
        d_step {
            if
            :: answer.epoch == MINE.epoch -> MINE.last = MAX(MINE.last, answer.last)
            :: answer.epoch != MINE.epoch && asked == MINE.epoch -> MINE.epoch = answer.epoch; MINE.last = answer.last
            :: else
            fi;
            asked = 0; forget();
            printf("reader %d knows epoch %d to %d\n", me, MINE.epoch, MINE.last) }
        goto read
    }
done:
    atomic { d_step { clearEntry(found); isApplied = 0; least = 0 } }
end:
    false
}

inline acknowledge(how) {
    process[number % 2].invalidated = process[number % 2].invalidated | how;
    acknowledged = MAX(acknowledged, version); version = 0; invalidations++
}

active [WRITERS] proctype Writer() {
    byte number, version;

    d_step { term > 0 && source == _pid - READERS ->
        number = source; source++; version = source; printf("version %d is committed\n", version) }
    if
    :: d_step { printf("version %d invalidates by key\n", version); removeEntry(); acknowledge(BY_KEY) }
    :: d_step { printf("version %d invalidates by tag\n", version); invalidateTag(); acknowledge(BY_TAG) }
    fi
}

active proctype Surroundings() {
    d_step {
        term = 1; make(); copyServer(earlier, master);
        process[0].epoch = 1; process[0].verified = 1 << CONNECTION(term);
        process[1].epoch = 1; process[1].verified = 1 << CONNECTION(term)
    }
end:
    do
    :: d_step { copyServer(earlier, master); printf("the master is copied\n") }
    :: d_step { term <= FALLS ->
        copyServer(master, earlier); term++;
        printf("the copy becomes master %d, run %d\n", term, RUN) }
#if DEATHS
    :: d_step { deaths < DEATHS ->
        printf("process 0 dies\n");
        deaths++;
        process[0].epoch = 0; process[0].last = 0; process[0].verified = 0; process[0].invalidated = 0 }
#endif
#ifdef REPLAY
    /* A process finds out for itself sooner or later. */
    :: d_step { !IS_VERIFIED(0) ->
        printf("process 0 repeats\n"); repeat(0);
        process[0].verified = process[0].verified | (1 << CONNECTION(term)) }
    :: d_step { !IS_VERIFIED(1) ->
        printf("process 1 repeats\n"); repeat(1);
        process[1].verified = process[1].verified | (1 << CONNECTION(term)) }
    :: atomic { invalidations == WRITERS && IS_VERIFIED(0) && IS_VERIFIED(1) && IS_VALID(master.entry, master.log) ->
        assert(master.entry.value == source) }
#else
    :: atomic { invalidations == WRITERS && !IS_FOREIGN && IS_VALID(master.entry, master.log) ->
        assert(master.entry.value == source) }
#endif
    od
}
