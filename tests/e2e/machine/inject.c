/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The attacker: makes system calls in a thread of a running process, as that
 * thread, with its credentials, label, filters, name spaces and descriptors.
 * What a virtiofsd could do that somebody has taken over, it does; then it goes
 * on serving as if nothing had been.
 *
 *   inject [-f] [-v NAME=NUMBER]... TID STATEMENT...
 *	-f	suspend the thread's seccomp filters meanwhile
 *	-v	a value to begin with
 *
 * A STATEMENT is one of
 *
 *   [NAME =] CALL(ARGUMENT, ...)	a system call
 *   print(ADDRESS, SIZE)		memory, on one line
 *   NAME = load(ADDRESS, OFFSET, SIZE)	a number from memory
 *   NAME = ARGUMENT			a value for later
 *
 * An ARGUMENT is a number, a constant of the C headers (those that
 * inject-names.c has), %NAME, or what the call points to: a "string" or 'string', a buffer
 * @NAME or @NAME:SIZE (256 bytes where no size is given), or a structure
 * {u32: 5, u64: "its pointer", "its bytes", zero: 8}. "|" joins numbers, %{NAME} in a string is the number.
 *
 * For each call one line: "CALL = VALUE", "CALL = ERRNO", with " (filter)"
 * where the thread's own seccomp filters say so; "CALL = killed (filter)" where
 * they would end the process, which is found out without making the call. A
 * call with a %NAME that has no value, because its call failed, is not made.
 *
 * The status is 0 where all calls succeeded, 1 where one failed or was not made,
 * and 2 where this program failed.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
usage(void)
{
    fprintf(stderr, "usage: inject [-f] [-v NAME=NUMBER]... TID STATEMENT...\n");
    return STATUS_BROKEN;
}

static bool
set(char *text)
{
    char *number = strchr(text, '=');

    if (!number)
        return false;
    *number++ = '\0';
    return script_set(text, strtoull(number, NULL, 0));
}

static int
run_all(char **statements, int count)
{
    int worst = STATUS_DONE;

    for (int i = 0; i < count && worst != STATUS_BROKEN; i++) {
        int status = script_run(statements[i]);

        if (status == STATUS_END)
            break;
        worst = status > worst ? status : worst;
    }
    return worst;
}

int
main(int argc, char **argv)
{
    bool without_filters = false;
    int option, status;

    while ((option = getopt(argc, argv, "+fv:")) != -1)
        if (option == 'f')
            without_filters = true;
        else if (option != 'v' || !set(optarg))
            return usage();
    if (argc - optind < 2)
        return usage();
    if (!thread_stop((pid_t)atoi(argv[optind]), without_filters) || !memory_open())
        return STATUS_BROKEN;
    status = run_all(argv + optind + 1, argc - optind - 1);
    memory_close();
    return thread_release() ? status : STATUS_BROKEN;
}
