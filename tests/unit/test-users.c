/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/users.h"

#include <check.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "failing-calls.h"

/*
 * Who runs under a label, where /proc does not say. A profile whose label is taken for unused is removed, and
 * whoever has it is confined by nothing from then on: each call fails in turn, and none may make that so.
 */

static char *proc;

static void
put(const char *name, const char *text)
{
    g_autofree char *file = g_build_filename(proc, name, NULL);
    g_autofree char *folder = g_path_get_dirname(file);

    ck_assert_int_eq(g_mkdir_with_parents(folder, 0755), 0);
    ck_assert(g_file_set_contents(file, text, -1, NULL));
}

static void
setup(void)
{
    proc = g_dir_make_tmp("test-users-XXXXXX", NULL);
    put("1/task/1/attr/apparmor/current", "unconfined\n");
    put("20/task/20/attr/apparmor/current", "unconfined\n");
    put("20/task/20/attr/apparmor/exec", "about-to (enforce)\n");
    put("20/task/21/attr/current", "old (enforce)\n");
    put("30/task/30/attr/apparmor/current", "has (enforce)\n");
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", proc);

    fail_no_call();
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&proc, g_free);
}

/* Not those by which the kernel says that a thread is gone, or has set no label. */
static const int errors[] = {EPERM, EACCES, EIO, ENOMEM, EMFILE, ENFILE, EINTR, ELOOP};
static const char *const labels[] = {"about-to", "old", "has", "nobody's"};

START_TEST(test_each_call_fails)
{
    static const bool always = true;
    const int error = errors[_i / (int)G_N_ELEMENTS(labels)];
    const char *label = labels[_i % (int)G_N_ELEMENTS(labels)];
    const gboolean is_used = !g_str_equal(label, "nobody's");
    unsigned at = 0;

    do {
        g_autoptr(GError) said = NULL;
        gboolean found = FALSE;
        gboolean known;

        fail_nth_call(++at, error, &always);
        known = users_find(proc, label, &found, &said);
        nth.at = 0;
        ck_assert_msg(!known || found == is_used, "%s: %s number %u fails with %s", label,
                      nth.failed ? nth.failed : "nothing", at, g_strerror(error));
        ck_assert_msg(known || strstr(said->message, g_strerror(error)) ||
                          strstr(said->message, "does not show all"),
                      "%s", said ? said->message : label);
        /* where nobody has it, all that fails counts */
        ck_assert_msg(is_used || !known || !nth.failed, "%s number %u", nth.failed, at);
    } while (nth.failed);
    ck_assert_msg(at > 3, "%u calls", at);
}
END_TEST

/* The thread's label is nowhere, and whether it is there cannot be told. */
START_TEST(test_thread_of_which_nothing_is_known)
{
    g_autoptr(GError) said = NULL;
    gboolean found = FALSE;

    put("40/task/40/comm", "x");
    fail_call("faccessat", "40", EACCES);
    ck_assert(!users_find(proc, "nobody's", &found, &said));
    ck_assert_msg(strstr(said->message, "process 40"), "%s", said->message);
    g_clear_error(&said);
    fail_no_call();
    fail_call("faccessat", "40", ENOENT); /* gone since it was listed */
    ck_assert(users_find(proc, "nobody's", &found, &said));
    ck_assert(!found);
}
END_TEST

START_TEST(test_no_proc)
{
    g_autofree char *none = g_build_filename(proc, "none", NULL);
    g_autoptr(GError) said = NULL;
    gboolean found = FALSE;

    ck_assert(!users_find(none, "has", &found, &said));
    ck_assert_msg(strstr(said->message, none), "%s", said->message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("users");
    TCase *tc = tcase_create("users");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_each_call_fails, 0,
                        (int)(G_N_ELEMENTS(errors) * G_N_ELEMENTS(labels)));
    tcase_add_test(tc, test_thread_of_which_nothing_is_known);
    tcase_add_test(tc, test_no_proc);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
