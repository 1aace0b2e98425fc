/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/pace.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "basic/child.h"
#include "launcher-fixture.h"

/* Processes for each processor, in tenths; -1: sysinfo() fails. */
static int crowd;

/* In place of the C library's. */
int
sysinfo(struct sysinfo *info)
{
    cpu_set_t set;

    if (crowd < 0) {
        errno = EFAULT;
        return -1;
    }
    ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
    *info = (struct sysinfo){.loads[0] = (1UL << SI_LOAD_SHIFT) * (unsigned long)crowd *
                                         (unsigned long)CPU_COUNT(&set) / 10};
    return 0;
}

static long long
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void
pause_ms(long ms)
{
    struct timespec left = {.tv_nsec = ms * 1000000};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        continue;
}

static const struct {
    int crowd;
    int counts; /* one second of so many, in tenths */
    long long used_us;
} paces[] = {
    {0, 10, PACE_WORKS},
    {5, 10, PACE_WORKS},
    {10, 10, PACE_WORKS},
    {20, 20, PACE_WORKS},
    {75, 75, PACE_WORKS},
    {100, 100, PACE_WORKS},
    {5000, 100, PACE_WORKS},
    {-1, 10, PACE_WORKS},
    /* of the 50 ms, or more, that are spent here */
    {20, 20, 1000000},
    {20, 10, 100},
    {100, 10, 0},
    {5000, 100, 1000000},
};

START_TEST(test_pace)
{
    long long before = now_us();
    long long began, ended, spent;
    Pace pace;

    crowd = paces[_i].crowd;
    pace_begin(&pace);
    began = now_us();
    pause_ms(50);
    ended = now_us();
    spent = pace_spent_us(&pace, paces[_i].used_us);
    /* what really passed lies between, and a load is in whole numbers */
    ck_assert_int_ge(spent * paces[_i].counts / 10 + 20, ended - began);
    ck_assert_int_le((spent - 20) * paces[_i].counts / 10, now_us() - before);
}
END_TEST

START_TEST(test_limit)
{
    long long next;
    Pace pace;

    crowd = 10;
    pace_begin(&pace);
    next = pace_next_us(&pace, PACE_WORKS, 60000000);
    ck_assert_int_gt(next, 0);
    ck_assert_int_lt(next, 60000000);
    pause_ms(20);
    ck_assert_int_eq(pace_next_us(&pace, PACE_WORKS, 10000), 0);
}
END_TEST

static ChildEnd
run(const char *script, long long *spent_us)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    const char *envp[] = {"PATH=/usr/bin:/bin", NULL};
    const Child child = {
        .path = "/bin/sh",
        .argv = argv,
        .envp = envp,
        .in = CHILD_NULL,
        .out = CHILD_NULL,
        .err = CHILD_NULL,
        .limit_ms = 1000,
        .fate = CHILD_KILLED,
        .spent_us = spent_us,
    };
    int status;

    return child_run(&child, &status);
}

#define WORK_FOR(seconds) \
    "end=$(($(date +%s)+" #seconds ")); while [ $(date +%s) -lt $end ]; do :; done"

/* Where all wait, who works longer than the limit is not ended; who never ends is, and who sleeps. */
START_TEST(test_crowd)
{
    long long spent_us;
    long long start;

    crowd = 100;
    ck_assert_int_eq(run(WORK_FOR(3), &spent_us), CHILD_ENDED);
    ck_assert_int_ge(spent_us, 150000);
    ck_assert_int_lt(spent_us, 1000000);
    crowd = 30;
    start = now_us();
    ck_assert_int_eq(run("while :; do :; done", &spent_us), CHILD_LATE);
    ck_assert_int_ge(now_us() - start, 2000000);
    ck_assert_int_ge(spent_us, 1000000);
    start = now_us();
    ck_assert_int_eq(run("exec sleep 1000", &spent_us), CHILD_LATE);
    ck_assert_int_lt(now_us() - start, 20000000);
    ck_assert_int_ge(spent_us, 1000000);
    crowd = 10;
    ck_assert_int_eq(run("while :; do :; done", &spent_us), CHILD_LATE);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("pace");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, fixture_setup, fixture_teardown);
    tcase_add_loop_test(tc, test_pace, 0, ROWS(paces));
    tcase_add_test(tc, test_limit);
    tcase_add_test(tc, test_crowd);
    return fixture_run("pace", tc);
}
