/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * bench-runner ROUNDS INPUT A B ARG…: runs A and B in turn with the same arguments and the same file on
 * standard input, and prints, for A and then for B, of the wall time in microseconds the lower quarter, the
 * median and the upper quarter, and the peak of the memory in KiB.
 *
 * In turn, so that both see the same machine. A program of its own, and small, because a child's peak
 * memory begins with that of whoever started it.
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_ROUNDS     10000
#define WARM_UP_ROUNDS 3

typedef struct {
    int64_t times[MAX_ROUNDS];
    long peak;
} Result;

static int64_t
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void
run(char **argv, const char *input, int round, Result *result)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    int status;
    pid_t pid;
    int64_t start;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    start = now();
    errno = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
    if (errno != 0 || wait4(pid, &status, 0, &usage) < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        exit(EXIT_FAILURE);
    }
    if (round >= 0)
        result->times[round] = now() - start;
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s < %s: it failed (status %d)\n", argv[0], input, status);
        exit(EXIT_FAILURE);
    }
    if (usage.ru_maxrss > result->peak)
        result->peak = usage.ru_maxrss;
}

static int
compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    static Result results[2];
    long rounds = argc > 5 ? strtol(argv[1], NULL, 10) : 0;
    char *programs[2];

    if (rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: bench-runner ROUNDS INPUT A B ARG...\n");
        return EXIT_FAILURE;
    }
    programs[0] = argv[3];
    programs[1] = argv[4];
    for (int round = -WARM_UP_ROUNDS; round < (int)rounds; round++) {
        for (int i = 0; i < 2; i++) {
            argv[4] = programs[i];
            run(argv + 4, argv[2], round, &results[i]);
        }
    }
    for (int i = 0; i < 2; i++) {
        qsort(results[i].times, (size_t)rounds, sizeof(results[i].times[0]), compare_times);
        printf("%lld %lld %lld %ld\n", (long long)results[i].times[rounds / 4],
               (long long)results[i].times[rounds / 2], (long long)results[i].times[rounds * 3 / 4],
               results[i].peak);
    }
    return EXIT_SUCCESS;
}
