/* One node of a burst: create, power on, destroy, with everything that can come in between. docs/crash-safety.md says in
   words what is modelled; `make model` checks it with spin, and that each of the broken variants below fails.

   The cloud:  AWS        a create carries a client token and is born running; one token makes one server
               otherwise  no idempotency key, born stopped, power-on is a call of its own (Scaleway)
   The world:  LATE       a request may take effect at any time after its sender gave up or died;
               otherwise  before the second look of whoever comes next
   Broken on purpose: NO_TAG, INTENT_AFTER_CALL, NO_FSYNC, VOLUME_UNTAGGED, ONE_LOOK, TRUST_LISTING, OLDEST_STAYS,
   NEXT_TOKEN (a launch that nobody knows of is followed by one under another token) */

#define SERVERS 4
#define CRASHES 2
#define MISHAPS 2

/* MARK: The cloud */

typedef Server {
    bool exists, tagged, on;
    bool was_on;            /* ever */
    bool shown;             /* in listings: some time after it came to be */
    bool volume, volume_tagged;
    bool unasked;           /* made a second time, or late: nobody was told of it */
    byte attempt
};
Server s[SERVERS];
byte made, crashes, mishaps;
/* Requests that were given up by their sender and have not taken effect yet. */
byte late_create, late_power;
bool ended;

/* MARK: What is on disk */

byte attempt;               /* the last token that was taken */
bool open;                  /* an intent to create, without an outcome */
bool in_doubt;              /* what became of the last token is not known, and nothing of it is shown */
bool known[SERVERS];        /* by the state, as live */
bool asked[SERVERS];        /* an intent to power it on was written, ever */

inline has_token(a, which) {
    which = 0;
    do
    :: which < made && s[which].attempt != a -> which++
    :: else -> break
    od
}

/* What a create does in the cloud; `id` is what it answers. */
inline make(a, is_unasked, id) {
    has_token(a, id);
#ifdef AWS
    if
    :: id < made -> skip    /* the same token: the same server, alive or not */
    :: else ->
#else
        id = made;
#endif
        assert(made < SERVERS);
        made++;
        s[id].exists = true;
        s[id].attempt = a;
        s[id].unasked = is_unasked;
        s[id].volume = true;
#ifndef NO_TAG
        s[id].tagged = true;
#endif
#ifdef AWS
        s[id].volume_tagged = true;
        s[id].on = true;
        s[id].was_on = true
    fi
#endif
}

inline power(id) {
    if
    :: s[id].exists -> s[id].on = true; s[id].was_on = true
    :: else -> skip
    fi
}

/* Listings catch up, and what was given up happens, whenever they like. */
active proctype Cloud() {
    byte id;
end:
    do
    :: atomic { late_create > 0 -> make(late_create, true, id); late_create = 0 }
    :: atomic { late_power > 0 -> power(late_power - 1); late_power = 0 }
    :: atomic { s[0].exists && !s[0].shown -> s[0].shown = true }
    :: atomic { s[1].exists && !s[1].shown -> s[1].shown = true }
    :: atomic { s[2].exists && !s[2].shown -> s[2].shown = true }
    :: atomic { s[3].exists && !s[3].shown -> s[3].shown = true }
    od
}

/* MARK: The client, which dies and starts again */

/* A SIGKILL loses nothing that was written; a power cut loses what was not fsync'd. */
inline die() {
    crashes++;
#ifdef NO_FSYNC
    if
    :: attempt = 0; open = false; in_doubt = false; i = 0;
       do
       :: i < SERVERS -> known[i] = false; asked[i] = false; i++
       :: else -> break
       od
    :: skip
    fi;
#endif
    goto start
}

#define MAY_DIE if :: crashes < CRASHES -> atomic { die() } :: skip fi

inline look() {
    atomic {
        i = 0;
        do
        :: i < made -> seen[i] = s[i].exists && s[i].shown && s[i].tagged; i++
        :: else -> break
        od;
        i = 0
    }
}

/* After the grace time: what had taken effect is shown. */
inline look_again() {
    skip;
#ifndef ONE_LOOK
#ifndef LATE
    late_create == 0;
    late_power == 0;
#endif
    atomic {
        i = 0;
        do
        :: i < made -> s[i].shown = true; i++
        :: else -> break
        od;
        look()
    }
#endif
}

inline is_seen_of_attempt(yes) {
    yes = false; i = 0;
    do
    :: i < made -> yes = yes || (seen[i] && s[i].attempt == attempt); i++
    :: else -> break
    od;
    i = 0
}

#ifdef OLDEST_STAYS
#define BETTER(i, keep) (s[i].on && !s[keep].on)
#else
#define BETTER(i, keep) (s[i].on && !s[keep].on || s[i].on == s[keep].on && asked[i] && !asked[keep])
#endif

active proctype Client() {
    bool seen[SERVERS];
    byte i, id, keep;
    bool yes, destroying;

start:
    skip;
    d_step { i = 0; id = 0; keep = 0; yes = false;
        do
        :: i < SERVERS -> seen[i] = false; i++
        :: else -> break
        od;
        i = 0 }
    look();
    if
    :: open ->
        is_seen_of_attempt(yes);
        if
        :: !yes -> MAY_DIE; look_again()
        :: else -> skip
        fi;
        is_seen_of_attempt(yes);
        in_doubt = !yes;
        MAY_DIE
    :: else -> skip
    fi;
    /* The intent is settled by one record with what was found; what is seen is known from now on. What is known and not seen is gone if the cloud says so by its id. */
    atomic {
        i = 0;
        do
        :: i < made ->
            if
            :: seen[i] -> known[i] = true
#ifndef TRUST_LISTING
            :: !seen[i] && known[i] && s[i].exists -> seen[i] = true
#endif
            :: !seen[i] && known[i] && !s[i].exists -> known[i] = false
            :: else -> skip
            fi;
            i++
        :: else -> break
        od;
        open = false; i = 0
    }
    MAY_DIE;

    /* The one that stays: one that is on, else one that was asked to go on, else the oldest. */
    atomic {
        keep = SERVERS; i = 0;
        do
        :: i < made ->
            if
            :: seen[i] && !destroying && (keep == SERVERS || BETTER(i, keep)) -> keep = i
            :: else -> skip
            fi;
            i++
        :: else -> break
        od;
        i = 0
    }

    /* All others go, verified, before anything is made or powered on. */
    do
    :: i < made && seen[i] && s[i].exists && i != keep ->
#ifndef VOLUME_UNTAGGED
        s[i].volume_tagged = true;
        MAY_DIE;
#endif
        d_step { s[i].exists = false; s[i].on = false };
#ifdef AWS
        s[i].volume = false;        /* DeleteOnTermination */
#endif
        MAY_DIE;
        known[i] = false;
    :: i < made && !s[i].exists && s[i].volume && s[i].volume_tagged ->
        s[i].volume = false;        /* left by its server, found by its tag */
        MAY_DIE
    :: i < made && !(seen[i] && s[i].exists && i != keep) && !(!s[i].exists && s[i].volume && s[i].volume_tagged) ->
        i++
    :: i >= made -> break
    od;

    if
    :: destroying -> goto gone
    :: !destroying && keep < SERVERS -> goto up
    :: else -> skip
    fi;

    /* Create. A launch that happens once is repeated under its own token. */
#if defined(AWS) && !defined(NEXT_TOKEN)
    if
    :: in_doubt -> skip
    :: else -> attempt++
    fi;
#else
    attempt++;
#endif
#ifndef INTENT_AFTER_CALL
    MAY_DIE;
    open = true;
#endif
    MAY_DIE;
    if
    :: atomic { make(attempt, false, id) }
    :: atomic { mishaps < MISHAPS -> mishaps++; make(attempt, true, id); make(attempt, true, id) }
    :: atomic { mishaps < MISHAPS -> mishaps++; make(attempt, false, id) };     /* its answer is lost */
#ifdef INTENT_AFTER_CALL
        open = true;
#endif
        goto start
    :: atomic { mishaps < MISHAPS && late_create == 0 -> mishaps++; late_create = attempt };
#ifdef INTENT_AFTER_CALL
        open = true;
#endif
        goto start
    :: mishaps < MISHAPS -> mishaps++;                                          /* the request is lost */
#ifdef INTENT_AFTER_CALL
        open = true;
#endif
        goto start
    fi;
    MAY_DIE;
    d_step { known[id] = true; open = false; in_doubt = false };
    keep = id;

up:
    MAY_DIE;
#ifndef AWS
    asked[keep] = true;
    MAY_DIE;
    if
    :: atomic { power(keep) }
    :: atomic { mishaps < MISHAPS -> mishaps++; power(keep) }; goto start
    :: atomic { mishaps < MISHAPS && late_power == 0 -> mishaps++; late_power = keep + 1 }; goto start
    :: mishaps < MISHAPS -> mishaps++; goto start
    fi;
    MAY_DIE;
#endif
    destroying = true;
    goto start;

gone:
    /* Looked again: what came to be meanwhile goes as well. */
    look();
    atomic {
        i = 0; yes = false;
        do
        :: i < made -> yes = yes || seen[i] || known[i]; i++
        :: else -> break
        od;
        i = 0
    }
    if
    :: yes -> goto start
    :: else -> ended = true
    fi
}

/* MARK: What must never be */

#define ON(i) (s[i].on)
#define TWO_ON (ON(0) + ON(1) + ON(2) + ON(3) > 1)
#define SAME(i, j) (s[i].was_on && s[j].was_on && s[i].attempt == s[j].attempt)
#define TWO_OF_ATTEMPT (SAME(0,1) || SAME(0,2) || SAME(0,3) || SAME(1,2) || SAME(1,3) || SAME(2,3))
/* Neither the state nor a tag query finds it. A volume is also found through its server. */
#define LOST(i) ((s[i].exists && !s[i].tagged && !known[i]) \
    || (s[i].volume && !s[i].volume_tagged && !(s[i].exists && (s[i].tagged || known[i]))))
#define ANY_LOST (LOST(0) || LOST(1) || LOST(2) || LOST(3))
/* There because this client asked for it, and the disk says nothing of it. */
#define UNSPOKEN(i) (s[i].exists && !s[i].unasked && !known[i] && !(open && attempt == s[i].attempt))
#define ANY_UNSPOKEN (UNSPOKEN(0) || UNSPOKEN(1) || UNSPOKEN(2) || UNSPOKEN(3))
/* Doubled behind our back it may be shown only after all is over: the tag query of a sweep finds it then. */
#define LEFT(i) ((s[i].exists || s[i].volume) && !s[i].unasked)
#define ANY_LEFT (LEFT(0) || LEFT(1) || LEFT(2) || LEFT(3))

active proctype Promises() {
end:
    if
    :: atomic { TWO_OF_ATTEMPT -> assert(false) }
    :: atomic { ANY_LOST -> assert(false) }
    :: atomic { TWO_ON -> assert(false) }
#ifndef LATE
    :: atomic { ANY_UNSPOKEN -> assert(false) }
    :: atomic { ended && late_create == 0 && ANY_LEFT -> assert(false) }
#endif
    fi
}
