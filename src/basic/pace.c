/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/pace.h"

#include <sched.h>
#include <sys/sysinfo.h>
#include <time.h>

/* What a load of one is: include/linux/sched/loadavg.h, and SI_LOAD_SHIFT of linux/sysinfo.h. */
#define LOAD_ONE (1UL << SI_LOAD_SHIFT)

/* Microseconds between two looks where a limit is not reached. The kernel counts anew every five seconds, but who
 * sleeps is to be seen soon. */
#define LOOK_US 250000

/* Who has had less than such a part of the time sleeps: when 50 have come to one processor, each has a fiftieth;
 * who begins and then sleeps for a second has had less. */
#define PART_OF_TIME 200

static long long
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Processes for each processor that we may run on, times LOAD_ONE, and no less than one. */
static unsigned long
crowd(void)
{
    unsigned long processors = 1;
    struct sysinfo info;
    unsigned long load;
    cpu_set_t set;

    if (sysinfo(&info) < 0)
        return LOAD_ONE;
    /* it fails on hosts of more than 1024, which are not slow for want of them */
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        processors = (unsigned long)CPU_COUNT(&set);
    else
        processors = CPU_SETSIZE;
    load = info.loads[0] / (processors ? processors : 1);
    return load > LOAD_ONE ? load : LOAD_ONE;
}

/* For how many times the microseconds that count. */
static double
slowness(long long us, long long used_us)
{
    double others = (double)crowd() / LOAD_ONE;

    if (used_us >= 0 && used_us * PART_OF_TIME < us)
        return 1;
    return others > PACE_SLOWEST ? PACE_SLOWEST : others;
}

void
pace_begin(Pace *pace)
{
    *pace = (Pace){.begin_us = now_us()};
}

long long
pace_spent_us(const Pace *pace, long long used_us)
{
    long long us = now_us() - pace->begin_us;

    return (long long)((double)us / slowness(us, used_us));
}

long long
pace_next_us(const Pace *pace, long long used_us, long long limit_us)
{
    long long left_us = limit_us - pace_spent_us(pace, used_us);

    if (left_us <= 0)
        return 0;
    return left_us < LOOK_US ? left_us : LOOK_US;
}
