/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tests of the launcher share: a directory that looks like a host, and running a suite. */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static char fixture_root[PATH_MAX];

/* What follows must fit into the address of a unix socket, 108 bytes. */
#define PLACE_MAX 64

static inline void
fixture_setup(void)
{
    const char *place = getenv("TMPDIR");
    char made[PATH_MAX];

    /* where records are looked at, a wrong umask would make every mode wrong */
    umask(022);
    ck_assert_int_lt(snprintf(made, sizeof(made), "%s/test-launcher-XXXXXX",
                              place && *place && strlen(place) <= PLACE_MAX ? place : "/tmp"),
                     (int)sizeof(made));
    ck_assert_ptr_nonnull(mkdtemp(made));
    ck_assert_ptr_nonnull(realpath(made, fixture_root));
    /* whoever runs the tests may have a virtiofsd described at home, or a home that cannot be read */
    ck_assert_int_eq(setenv("HOME", fixture_root, 1), 0);
    ck_assert_int_eq(unsetenv("XDG_CONFIG_HOME"), 0);
}

static inline void
fixture_teardown(void)
{
    char command[PATH_MAX + 16];

    snprintf(command, sizeof(command), "rm -rf '%s'", fixture_root);
    ck_assert_int_eq(system(command), 0);
}

/* The path of @name in the fixture; 64 of them live at a time. */
static inline const char *
fixture_path(const char *name)
{
    static char paths[64][PATH_MAX + 256];
    static unsigned next;
    char *path = paths[next++ % ROWS(paths)];

    snprintf(path, sizeof(paths[0]), "%s/%s", fixture_root, name);
    return path;
}

/* Copies @text into @to, where it must fit. */
static inline void
fixture_copy(char *to, size_t size, const char *text)
{
    ck_assert_int_lt(snprintf(to, size, "%s", text), (int)size);
}

/* Makes @name's directories and, unless it ends in a slash, the file with @text. Returns its path. */
static inline const char *
fixture_file(const char *name, const char *text, mode_t mode)
{
    const char *path = fixture_path(name);
    char part[PATH_MAX + 256];
    int fd;

    fixture_copy(part, sizeof(part), path);
    for (char *slash = part + strlen(fixture_root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        ck_assert(mkdir(part, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    if (path[strlen(path) - 1] == '/')
        return path;
    ck_assert_ptr_nonnull(text);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

/* Appends @template to @text, which has room for @size bytes, with the root for every "@". */
static inline void
fixture_expand(char *text, size_t size, const char *template)
{
    for (; *template; template ++) {
        size_t length = strlen(text);

        if (*template == '@')
            snprintf(text + length, size - length, "%s", fixture_root);
        else
            snprintf(text + length, size - length, "%c", *template);
    }
}

static inline int
fixture_run(const char *name, TCase *tc)
{
    Suite *suite = suite_create(name);
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
