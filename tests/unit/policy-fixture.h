/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the tests of policy/ share: a directory for policies, and what is in it. */

#include <check.h>
#include <glib.h>
#include <stdlib.h>

#include "base/fault.h"
#include "policy/change.h"

#define NAME "libvirt-x"

static char *path;
static PolicyDir *dir;

static inline void
setup(void)
{
    path = g_dir_make_tmp("test-policy-XXXXXX", NULL);
    dir = policy_dir_open(path, NULL);
    ck_assert_ptr_nonnull(dir);
}

static inline void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", path);

    fault_arm(NULL, 0, FAULT_FAIL);
    policy_dir_free(dir);
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&path, g_free);
}

static inline void
put(const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(path, name, NULL);

    ck_assert(g_file_set_contents(file, text, -1, NULL));
}

/* @text NULL: the file must not be there. */
static inline void
expect(const char *name, const char *text)
{
    g_autofree char *is = NULL;

    policy_read(dir, name, &is, NULL);
    ck_assert_msg(g_strcmp0(is, text) == 0, "%s: %s", name, is ? is : "(none)");
}

static inline guint
count_files(void)
{
    GDir *listing = g_dir_open(path, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(listing))
        n++;
    g_dir_close(listing);
    return n;
}
