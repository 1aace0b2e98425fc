/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A directory that stands for a host: what the tests of the host room ask their questions of. */

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/host.h"

typedef struct {
    char *root;
    Host *host;
} FakeHost;

static inline FakeHost *
fake_host_new(void)
{
    FakeHost *fake = g_new0(FakeHost, 1);

    fake->root = g_dir_make_tmp("fake-host-XXXXXX", NULL);
    ck_assert_ptr_nonnull(fake->root);
    fake->host = host_new(fake->root, NULL);
    ck_assert_ptr_nonnull(fake->host);
    return fake;
}

static inline void
fake_host_free(FakeHost *fake)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", fake->root);

    ck_assert_int_eq(system(command), 0);
    host_free(fake->host);
    g_free(fake->root);
    g_free(fake);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeHost, fake_host_free)

/* Returns: (transfer full): the place of the fake host's @path, whose directory is made. */
static inline char *
fake_path(FakeHost *fake, const char *path)
{
    g_autofree char *full = g_strconcat(fake->root, path, NULL);
    g_autofree char *dir = g_path_get_dirname(full);

    ck_assert_int_eq(g_mkdir_with_parents(dir, 0755), 0);
    return g_steal_pointer(&full);
}

static inline void
fake_file(FakeHost *fake, const char *path, const char *text)
{
    g_autofree char *full = fake_path(fake, path);

    ck_assert(g_file_set_contents(full, text, -1, NULL));
}

static inline void
fake_dir(FakeHost *fake, const char *path)
{
    g_autofree char *full = fake_path(fake, path);

    ck_assert_int_eq(g_mkdir_with_parents(full, 0755), 0);
}

static inline void
fake_link(FakeHost *fake, const char *path, const char *target)
{
    g_autofree char *full = fake_path(fake, path);

    ck_assert_int_eq(symlink(target, full), 0);
}

static inline void
fake_remove(FakeHost *fake, const char *path)
{
    g_autofree char *full = fake_path(fake, path);

    ck_assert_int_eq(g_remove(full), 0);
}
