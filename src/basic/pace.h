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
    long long begin_us;
} Pace;

/** pace_begin: the clock starts. */
void pace_begin(Pace *pace);

/** Instead of how long it had a processor: that is not known, and it is taken to work. */
#define PACE_WORKS (-1)

/**
 * pace_spent_us:
 * @used_us: for how many microseconds since it began the process had a processor, or PACE_WORKS. Where that is
 *   next to nothing it sleeps, and all time counts.
 * Returns: microseconds that count, since it began. The load follows those who come slowly, so that what it is
 * now is taken for all of the time; where it falls, more counts than before.
 */
long long pace_spent_us(const Pace *pace, long long used_us);

/**
 * pace_next_us:
 * @used_us: as above
 * @limit_us: what may be spent, in microseconds
 * Returns: after how many microseconds to look again; 0: the time is over
 */
long long pace_next_us(const Pace *pace, long long used_us, long long limit_us);
