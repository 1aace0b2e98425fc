/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/changes.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "failing-calls.h"

static char *dir;

static void
setup(void)
{
    dir = g_dir_make_tmp("test-changes-XXXXXX", NULL);
    ck_assert_ptr_nonnull(dir);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", dir);

    fail_no_call();
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&dir, g_free);
}

/* Returns: (transfer full): the place of @name */
static char *
put(const char *name, const char *text)
{
    char *path = g_build_filename(dir, name, NULL);

    if (text)
        ck_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* @text: NULL: there is no such file */
static void
expect(const char *path, const char *text)
{
    g_autofree char *is = NULL;

    g_file_get_contents(path, &is, NULL, NULL);
    ck_assert_msg(g_strcmp0(is, text) == 0, "%s: %s", path, is ? is : "(none)");
}

/* Who is told that nothing has changed finds all as it was, wherever it failed. */
static const struct {
    const char *call;
    const char *about;
    const char *before;
} writes[] = {
    {"open", ".new", "old"},
    {"open", ".new", NULL},
    {"fsync", NULL, "old"},
    {"rename", NULL, "old"},
    {"rename", NULL, NULL},
    /* the directory, when all is done */
    {"open", "folder", "old"},
    {"open", "folder", NULL},
};

START_TEST(test_a_write_that_fails)
{
    g_autofree char *folder = g_build_filename(dir, "folder", NULL);
    Changes *changes = changes_new(FALSE);
    g_autofree char *path = NULL;

    ck_assert_int_eq(g_mkdir(folder, 0755), 0);
    path = put("folder/file", writes[_i].before);
    fail_call(writes[_i].call, writes[_i].about, EIO);
    ck_assert(!changes_write(changes, path, "new", 3, 0644, NULL));
    fail_no_call();
    ck_assert(changes_take_back(changes, NULL));
    expect(path, writes[_i].before);
    changes_free(changes);
}
END_TEST

/* What needs no work is not done again: there may be no room for it. */
START_TEST(test_nothing_to_take_back)
{
    Changes *changes = changes_new(FALSE);
    g_autofree char *path = put("file", "old");

    fail_call("open", ".new", ENOSPC);
    ck_assert(!changes_write(changes, path, "new", 3, 0644, NULL));
    ck_assert(changes_take_back(changes, NULL));
    expect(path, "old");
    changes_free(changes);
}
END_TEST

START_TEST(test_a_copy_that_fails)
{
    Changes *changes = changes_new(FALSE);
    g_autofree char *from = put("from", "text");
    g_autofree char *to = put("to", NULL);
    g_autofree char *new = put("to.new", NULL);

    fail_call("rename", "to", EIO);
    ck_assert(!changes_link(changes, from, to, NULL));
    expect(to, NULL);
    expect(new, NULL);
    changes_free(changes);
}
END_TEST

START_TEST(test_a_directory_that_fails)
{
    Changes *changes = changes_new(FALSE);
    g_autofree char *folder = put("folder", NULL);

    fail_call("chmod", "folder", EPERM);
    ck_assert(!changes_make_folder(changes, folder, NULL));
    ck_assert(changes_take_back(changes, NULL));
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    changes_free(changes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("changes");
    TCase *tc = tcase_create("all");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_a_write_that_fails, 0, G_N_ELEMENTS(writes));
    tcase_add_test(tc, test_nothing_to_take_back);
    tcase_add_test(tc, test_a_copy_that_fails);
    tcase_add_test(tc, test_a_directory_that_fails);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
