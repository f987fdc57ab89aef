/* SPDX-License-Identifier: Apache-2.0 */

/* One entry with the lease inside it, two processes whose readers share loads, and writers who commit and then invalidate.
 *
 * Claims:
 *   - no read gives anything older than what was invalidated before it began;
 *   - a fill whose token died stores nothing;
 *   - when every commit is invalidated, what stands under the key is what the source has;
 *   - no caller is turned away twice by what became of a flight.
 *
 * An invalidation counts as acknowledged once it has taken effect, which asks for more than Larder promises. It is by key or
 * by tag. Of the log there is one bit for a stamp: whether the tag was invalidated since; log.pml has the sequences. An
 * entry that the log has ended is leased like none, so here it is none. A lease is granted whatever the asker saw of the
 * entry: comparing what it saw saves loads, and no claim rests on it.
 *
 * Each of these takes a guard out, and must fail:
 *   NAIVE              no lease: the value is set after the load
 *   TOKEN_PER_PROCESS  a process has one token for all that it asks
 *   TOKEN_RESENT       what timed out is asked again with its token
 *   JOIN_UNCHECKED     a joiner takes whatever the flight loaded
 *   JOIN_IF_STORED     a joiner takes what was stored, also if it came after the fill was sent
 *   JOIN_UNLOGGED      a joiner takes what was stored, and the log is not asked
 */

#ifndef READERS
#define READERS 3
#endif
#ifndef WRITERS
#define WRITERS 2
#endif
/* Whether a request may be given up, and come late. */
#ifndef LATE
#define LATE 1
#endif
/* Whether anything may happen between the reading of nothing and what is done about it. */
#ifndef GAP
#define GAP 1
#endif

#define NOBODY READERS
#define me     _pid
#define HOME(reader) (2 * (reader) >= READERS)

/* Of readers that are alike only one order of first steps is looked at; so too of processes that are. */
#define MAY_START(reader) \
    (reader == 0 || HOME(reader) == HOME(reader - 1) && seat[reader - 1].outcome != AWAY \
        || HOME(reader) != HOME(reader - 1) && (READERS % 2 == 1 || seat[0].outcome != AWAY))

/* What stands under the key: a value, or a bare lease, which has a token. */
typedef Entry { bit isStored; byte value; byte token }
Entry entry;

/* A request that its sender gave up, and that is on its way still. */
#define ACQUIRE 1
#define FILL    2
typedef Request { byte kind; byte value; byte token; bit isEnded; bit isDead }
Request late;

byte source;            /* the version that is committed */
byte acknowledged;      /* the highest that was invalidated */
byte invalidations;

/* A load on its way; it has the number of the reader who leads it. */
#define GROUNDED  0
#define ACQUIRING 1
#define LOADING   2
#define SEALED    3
typedef Flight {
    byte phase;
    byte token;
    bit isEnded;        /* the tag was invalidated since its stamp */
    bit isDead;         /* its lease has ended; only the claim looks at this */
}
Flight flight[READERS];
byte attached[2] = NOBODY;

#define AWAY     0
#define WAITING  1
#define AGAIN    2
#define ANSWERED 3
typedef Seat {
    byte outcome;
    byte least;             /* what was acknowledged when the reader began */
    byte flight = NOBODY;   /* whose answer it waits for */
    byte early;             /* a bit for each flight: its load began after the reader had come */
    bit isLate;             /* it came when the fill had been sent */
    bit wasTurnedAway;
}
Seat seat[READERS];

#define IS_EARLY(reader, number) (seat[reader].early & (1 << (number)))
#if defined(JOIN_UNCHECKED)
#define MAY_TAKE(reader, number, vouched) true
#elif defined(JOIN_IF_STORED)
#define MAY_TAKE(reader, number, vouched) (IS_EARLY(reader, number) || vouched)
#else
#define MAY_TAKE(reader, number, vouched) (IS_EARLY(reader, number) || vouched && !seat[reader].isLate)
#endif
#ifdef JOIN_UNLOGGED
#define IS_VOUCHED true
#else
#define IS_VOUCHED !flight[me].isEnded
#endif

/* Throughout, what nobody will look at is set to zero, so that states which do not differ are one. */

/* Whatever stands under the key is gone, and with it the lease. */
inline removeEntry() {
    entry.isStored = 0; entry.value = 0; entry.token = 0;
    for (i : 0 .. READERS - 1) { flight[i].isDead = (flight[i].token != 0) }
    late.isDead = (late.kind == FILL);
    i = 0
}

/* A value whose stamp the log has passed is stored too, but is as good as none. */
inline store(what, ended) {
    entry.isStored = !ended; entry.value = (ended -> 0 : what); entry.token = 0
}

/* The lowest number that is nowhere in use stands for a token that nobody ever had. */
inline drawToken() {
#ifdef TOKEN_PER_PROCESS
    flight[me].token = HOME(me) + 1
#else
    inUse = (1 << entry.token) | (1 << late.token);
    for (i : 0 .. READERS - 1) { inUse = inUse | (1 << flight[i].token) }
    i = 1;
    do
    :: inUse & (1 << i) -> i++
    :: else -> break
    od;
    flight[me].token = i;
    i = 0; inUse = 0
#endif
}

inline leave(reader, how) {
    seat[reader].outcome = how; seat[reader].flight = NOBODY; seat[reader].isLate = 0;
    if
    :: how == ANSWERED -> seat[reader].least = 0; seat[reader].early = 0; seat[reader].wasTurnedAway = 0
    :: else
    fi
}

inline serve(reader) {
    printf("reader %d is given version %d\n", reader, value);
    assert(value >= seat[reader].least);
    leave(reader, ANSWERED)
}

inline beginLoad() {
    flight[me].phase = LOADING;
    for (i : 0 .. READERS - 1) {
        if
        :: seat[i].outcome == WAITING || seat[i].outcome == AGAIN -> seat[i].early = seat[i].early | (1 << me)
        :: else
        fi
    }
    i = 0
}

inline endLease() {
    flight[me].token = 0; flight[me].isEnded = 0; flight[me].isDead = 0
}

/* The fill goes out. Those who came before the load began need not wait for its answer. */
inline seal() {
    flight[me].phase = SEALED;
    for (i : 0 .. READERS - 1) {
        if
        :: seat[i].flight == me && IS_EARLY(i, me) -> serve(i)
        :: else
        fi
    }
    i = 0
}

/* The flight ends, and all who are left go again. */
inline abandon() {
    if
    :: attached[HOME(me)] == me -> attached[HOME(me)] = NOBODY
    :: else
    fi;
    for (i : 0 .. READERS - 1) {
        if
        :: seat[i].flight == me -> printf("reader %d goes again\n", i); leave(i, AGAIN)
        :: else
        fi;
        seat[i].early = seat[i].early & ~(1 << me)
    }
    flight[me].phase = GROUNDED; endLease();
    i = 0; value = 0
}

/* The fill was answered, or there was none: who may take the value? */
inline finish(vouched) {
    for (i : 0 .. READERS - 1) {
        if
        :: seat[i].flight == me && MAY_TAKE(i, me, vouched) -> serve(i)
        :: seat[i].flight == me && !MAY_TAKE(i, me, vouched) ->
            assert(!seat[i].wasTurnedAway); seat[i].wasTurnedAway = 1
        :: else
        fi
    }
    abandon()
}

/* Nobody may join, and nothing is stored: one step, since whoever is answered came before it. */
inline loadUnleased() {
    printf("flight %d loads version %d without a lease\n", me, source);
    beginLoad(); value = source; finish(false)
}

active [READERS] proctype Reader() {
    byte i, value;
    short inUse;
    bit isVouched;

    MAY_START(me);
read:
    atomic {
        if
        :: seat[me].outcome == AWAY -> seat[me].least = acknowledged
        :: else
        fi;
        if
        :: entry.isStored ->
            printf("reader %d finds version %d\n", me, entry.value);
            assert(entry.value >= seat[me].least);
            d_step { leave(me, ANSWERED) }
            goto end
        :: else -> printf("reader %d finds nothing\n", me); seat[me].outcome = WAITING
        fi;
#if GAP
    }
    atomic {
#endif
        /* A seat in the flight that is under way, or a flight of its own. */
        if
        :: attached[HOME(me)] != NOBODY ->
            printf("reader %d joins flight %d\n", me, attached[HOME(me)]);
            seat[me].flight = attached[HOME(me)];
            seat[me].isLate = (flight[attached[HOME(me)]].phase == SEALED);
            goto end
        :: else ->
            printf("reader %d starts flight %d\n", me, me);
            seat[me].flight = me;
            attached[HOME(me)] = me; flight[me].phase = ACQUIRING
        fi
    }

#ifdef NAIVE
    d_step { beginLoad() }
    d_step { value = source; printf("flight %d loads version %d\n", me, value) }
    d_step { printf("flight %d stores it\n", me); seal(); store(value, flight[me].isEnded); isVouched = 1 }
#else
acquire:
    if
    :: d_step { !entry.isStored && entry.token == 0 ->
        if
        :: flight[me].token == 0 -> drawToken()
        :: else
        fi;
        printf("flight %d gets the lease, token %d\n", me, flight[me].token);
        entry.token = flight[me].token; flight[me].isDead = 0; beginLoad() }
    :: atomic { entry.isStored -> d_step { abandon() } goto end }
    /* Another process has the lease, for longer than this one waits. */
    :: atomic { entry.token != 0 -> d_step { loadUnleased() } goto end }
#if LATE
    :: atomic { late.kind == 0 && flight[me].token == 0 ->
        d_step {
            drawToken(); late.kind = ACQUIRE; late.token = flight[me].token;
            printf("flight %d gives up an acquire, token %d\n", me, late.token) }
#ifdef TOKEN_RESENT
        goto acquire }
#else
        d_step { loadUnleased() } goto end }
#endif
#endif
    fi;
    d_step { value = source; printf("flight %d loads version %d\n", me, value) }
    /* The fill is sent and takes effect in one step: who comes in between is late like those who come after. */
    if
    :: d_step { entry.token == flight[me].token ->
        printf("flight %d stores it by token %d\n", me, entry.token);
        assert(!flight[me].isDead);
        seal(); store(value, flight[me].isEnded); isVouched = IS_VOUCHED; endLease() }
    :: d_step { entry.token != flight[me].token ->
        printf("flight %d may not store it\n", me); seal(); endLease() }
#if LATE
    :: d_step { late.kind == 0 ->
        printf("flight %d gives up a fill\n", me);
        late.kind = FILL; late.value = value; late.token = flight[me].token;
        late.isEnded = flight[me].isEnded; late.isDead = flight[me].isDead;
        seal(); endLease() }
#endif
    fi;
#endif
    d_step { finish(isVouched); isVouched = 0 }
end:
    atomic { seat[me].outcome == AGAIN -> goto read }
}

inline acknowledge() {
    acknowledged = (version > acknowledged -> version : acknowledged); version = 0; invalidations++
}

active [WRITERS] proctype Writer() {
    byte i, version;

    d_step { source == _pid - READERS ->
        source++; version = source; printf("version %d is committed\n", version) }
    if
    :: d_step { printf("version %d invalidates by key\n", version); removeEntry(); acknowledge() }
    :: d_step {
        printf("version %d invalidates by tag\n", version);
        entry.isStored = 0; entry.value = 0;
        for (i : 0 .. READERS - 1) { flight[i].isEnded = (flight[i].token != 0) }
        late.isEnded = (late.kind == FILL);
        i = 0;
        acknowledge() }
    fi
}

/* The store, the network, and what a process does to its flights besides. */
active proctype Surroundings() {
    byte i;

end:
    do
    /* Eviction, expiry, the end of a bare lease. */
    :: d_step { entry.isStored || entry.token != 0 -> printf("the entry is removed\n"); removeEntry() }
    /* Newcomers no longer find a flight, after an invalidation in its process or when its lease was lost. */
    :: d_step { attached[0] != NOBODY && flight[attached[0]].phase >= LOADING ->
        printf("flight %d is no longer found\n", attached[0]); attached[0] = NOBODY }
    :: d_step { attached[1] != NOBODY && flight[attached[1]].phase >= LOADING ->
        printf("flight %d is no longer found\n", attached[1]); attached[1] = NOBODY }
#if LATE
    :: d_step { late.kind == ACQUIRE ->
        if
        :: !entry.isStored && entry.token == 0 ->
            printf("a late acquire gets the lease, token %d\n", late.token); entry.token = late.token
        :: else
        fi;
        late.kind = 0; late.token = 0 }
    :: d_step { late.kind == FILL ->
        if
        :: late.token == entry.token ->
            printf("a late fill stores version %d by token %d\n", late.value, late.token);
            assert(!late.isDead); store(late.value, late.isEnded)
        :: else
        fi;
        late.kind = 0; late.value = 0; late.token = 0; late.isEnded = 0; late.isDead = 0 }
#endif
    :: atomic { invalidations == WRITERS && entry.isStored -> assert(entry.value == source) }
    od
}
