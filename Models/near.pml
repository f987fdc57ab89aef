/* SPDX-License-Identifier: Apache-2.0 */

/* The copy of one key in a process, and the proofs of how old it can be.
 *
 * The process reads the key over a tracked connection: requests go up and replies come down in order, and what the server tells of
 * changes comes down among them. Another process ends the entry now and then, and so does this one, over another connection. The
 * value of the key is how often it was ended. A proof is how often that had happened when its question was sent: in place of time,
 * for a bound is nothing but how much older than now a proof may be.
 *
 * Claims:
 *   - what is read from the copy has seen every end that came before the question of the proof that was looked up for it;
 *   - and every end by this process that was acknowledged before the read began.
 *
 * Must fail:
 *   INSERT_LATER   what a reply holds is put in by a task that resumes later
 *   DROP_ONCE      what this process ends is taken out before it is sent, and not again
 *   UNCOUNTED      a reply that was under way while this process took the key out is put in all the same
 *   PROOF_AFTER    the proof is looked up after the entry
 *   PREFIXES       the server tells at the end of a turn, in which it may have answered before, and an answer proves what was sent
 *                  before it; with PREFIXES and LAST the answer proves the exchange before it, which holds
 */

#ifndef ENDS
#define ENDS 2
#endif
#ifndef OWN
#define OWN 1
#endif
#ifndef READS
#define READS 3
#endif
#ifndef PROOFS
#define PROOFS 2
#endif

#define NONE 255

mtype = { get, prove, reply, proof, change };

chan up = [2] of { mtype, byte, byte };
chan down = [6] of { mtype, byte, byte };

/* The server. */
byte value;
bit isTracked;
bit isUntold;

/* The process. */
byte near = NONE;
byte drops;
byte known;             /* the newest proof */
byte own;               /* the value when this process last ended the entry and that was acknowledged */
bit isAsking, isProving, isProven;
byte late = NONE, lateDrops;

inline end() {
    value++;
    if
    :: isTracked ->
        isTracked = 0;
#ifdef PREFIXES
        isUntold = 1
#else
        down!change, 0, 0
#endif
    :: else
    fi
}

/* In one turn the server reads and answers; what it has to tell of prefixes comes when the turn ends, and only then is anything sent. */
active proctype Server() {
    byte a;
end_server:
    do
    :: atomic { up?get, a, _ -> isTracked = 1; down!reply, value, a }
    :: atomic { up?prove, a, _ -> down!proof, a, 0 }
    :: atomic { isUntold -> isUntold = 0; down!change, 0, 0 }
    od
}

active proctype Other() {
    byte i;
    do
    :: i < ENDS -> atomic { end(); i++ }
    :: i == ENDS -> break
    od
}

active proctype Owner() {
    byte i, ended;
    do
    :: i < OWN ->
        i++;
        atomic { drops++; near = NONE };
        atomic { end(); ended = value };
#ifndef DROP_ONCE
        atomic { drops++; near = NONE };
#endif
        own = ended
    :: i == OWN -> break
    od
}

/* The event loop of the tracked connection. */
active proctype Handler() {
    byte a, b;
end_handler:
    do
    :: atomic {
        !isUntold && down?[reply] -> down?reply, a, b;
#ifdef INSERT_LATER
            late = a; lateDrops = b
#else
            isAsking = 0;
            if
#ifdef UNCOUNTED
            :: true -> near = a
#else
            :: drops == b -> near = a
            :: else
#endif
            fi
#endif
       }
    :: atomic { !isUntold && down?[change] -> down?change, _, _; near = NONE }
    :: atomic {
        !isUntold && down?[proof] -> down?proof, a, _;
            known = (a > known -> a : known);
            isProving = 0
       }
    od
}

#ifdef INSERT_LATER
active proctype Task() {
end_task:
    do
    :: atomic {
        late != NONE ->
            if
            :: drops == lateDrops -> near = late
            :: else
            fi;
            late = NONE; isAsking = 0
       }
    od
}
#endif

active proctype Prover() {
    byte i, now, last;
    do
    :: i < PROOFS ->
        atomic {
            !isProving -> isProving = 1; i++; now = value;
#ifdef LAST
            /* What is proven is the exchange before, which was answered before this one is sent. */
            up!prove, last, 0; last = now
#else
            up!prove, now, 0
#endif
        }
    :: i == PROOFS -> break
    od
}

active proctype Reader() {
    byte i, least, ended, found;
    do
    :: i < READS ->
        i++;
        atomic { ended = own; least = known };
        found = near;
#ifdef PROOF_AFTER
        least = known;
#endif
        if
        :: found != NONE -> assert(found >= least && found >= ended)
        :: else -> atomic { if :: !isAsking && nfull(up) -> isAsking = 1; up!get, drops, 0 :: else fi }
        fi
    :: i == READS -> break
    od
}
