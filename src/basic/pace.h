/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A clock for limits of processes. Where a host has more to do than its processors can, as when many VMs are
 * started at once, whoever waits for one is not stuck: a second counts there only for what one process has of
 * it, which is the processors by the processes that want one. How many want one is the load average of a
 * minute, as sysinfo(2) has it; processes that wait for a disk are among them.
 */

/* A second counts for no less than a tenth. */
#define PACE_SLOWEST 10

/** One limit's clock. */
typedef struct {
    long long last_us; /* when it was looked at */
    long long spent_us;
} Pace;

/** pace_begin: the clock starts. */
void pace_begin(Pace *pace);

/** Instead of how long it had a processor: that is not known, and it is taken to work. */
#define PACE_WORKS (-1)

/**
 * pace_spent_us:
 * @used_us: for how many microseconds since the last look the process had a processor, or PACE_WORKS. Where
 *   that is far less than its share of them it sleeps, and all time counts.
 * Returns: microseconds that count, since it began. Between two looks the load is taken to have been as it
 * is now.
 */
long long pace_spent_us(Pace *pace, long long used_us);

/**
 * pace_next_us:
 * @used_us: as above
 * @limit_us: what may be spent, in microseconds
 * Returns: after how many microseconds to look again; 0: the time is over
 */
long long pace_next_us(Pace *pace, long long used_us, long long limit_us);
