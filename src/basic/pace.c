/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/pace.h"

#include <sched.h>
#include <sys/sysinfo.h>
#include <time.h>

/* What a load of one is: include/linux/sched/loadavg.h, and SI_LOAD_SHIFT of linux/sysinfo.h. */
#define LOAD_ONE (1UL << SI_LOAD_SHIFT)

/* Microseconds between two looks where a limit is not reached: the kernel counts anew every five seconds. */
#define LOOK_US 1000000

static long long
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Processes for each processor that we may run on, from 1 to PACE_SLOWEST, times LOAD_ONE. */
static unsigned long
slowness(void)
{
    unsigned long load = LOAD_ONE;
    unsigned long processors = 1;
    struct sysinfo info;
    cpu_set_t set;

    if (sysinfo(&info) < 0)
        return load;
    /* it fails on hosts of more than 1024, which are not slow for want of them */
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        processors = (unsigned long)CPU_COUNT(&set);
    else
        processors = CPU_SETSIZE;
    load = info.loads[0] / (processors ? processors : 1);
    if (load < LOAD_ONE)
        return LOAD_ONE;
    return load > PACE_SLOWEST * LOAD_ONE ? PACE_SLOWEST * LOAD_ONE : load;
}

void
pace_begin(Pace *pace)
{
    *pace = (Pace){.last_us = now_us()};
}

long long
pace_spent_us(Pace *pace, bool works)
{
    unsigned long slow = works ? slowness() : LOAD_ONE;
    long long now = now_us();

    pace->spent_us += (now - pace->last_us) * (long long)LOAD_ONE / (long long)slow;
    pace->last_us = now;
    return pace->spent_us;
}

long long
pace_next_us(Pace *pace, bool works, long long limit_us)
{
    long long left_us = limit_us - pace_spent_us(pace, works);

    if (left_us <= 0)
        return 0;
    /* a remainder that is less than what the clock can tell */
    left_us++;
    return left_us < LOOK_US ? left_us : LOOK_US;
}
