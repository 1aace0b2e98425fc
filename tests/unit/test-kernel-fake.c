/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/kernel.h"

#include <check.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fault.h"

#define ONE "profile a {\n}\n"
#define TWO "profile a {\n  /new r,\n}\nprofile b {\n}\n"

static char *dir;

static void
setup(void)
{
    dir = g_dir_make_tmp("test-kernel-fake-XXXXXX", NULL);
    ck_assert_ptr_nonnull(dir);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", dir);

    fault_arm(NULL, 0, FAULT_FAIL);
    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&dir, g_free);
}

static void
put(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(parent, 0755), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void
take(const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);

    ck_assert_int_eq(g_unlink(path), 0);
}

static Kernel *
make(const char *parser)
{
    return kernel_new(&(KernelOptions){.parser = parser, .apparmorfs = dir});
}

static gboolean
load(Kernel *kernel, const char *text, KernelHow how, GError **error)
{
    g_autoptr(KernelPolicy) policy = kernel_compile(kernel, text, strlen(text), NULL, error);

    return policy && kernel_commit(kernel, policy, how, error);
}

static gboolean
has(Kernel *kernel, const char *profile)
{
    gboolean loaded;

    ck_assert(kernel_has_profile(kernel, profile, &loaded, NULL));
    return loaded;
}

START_TEST(test_life)
{
    g_autoptr(Kernel) kernel = make(NULL);
    g_autoptr(Kernel) other = make(NULL); /* as another process would see it */
    g_autoptr(GError) error = NULL;
    gboolean yes;

    ck_assert(kernel_can_write(kernel));
    ck_assert(!has(kernel, "a"));
    ck_assert(load(kernel, ONE, KERNEL_ADD, &error));
    ck_assert(has(other, "a"));
    ck_assert(!load(kernel, TWO, KERNEL_ADD, &error));
    ck_assert_str_eq(error->message, "cannot add the profile a, b to the kernel: it is loaded "
                                     "already; replace it instead (File exists)");
    ck_assert(!has(kernel, "b"));
    ck_assert(load(kernel, TWO, KERNEL_REPLACE, NULL));
    ck_assert(has(other, "b"));
    ck_assert(kernel_remove(kernel, "a", &yes, NULL) && yes);
    ck_assert(kernel_remove(kernel, "a", &yes, NULL) && !yes);
    ck_assert(!has(other, "a"));

    put("no-interface", "");
    ck_assert(!kernel_can_write(kernel));
}
END_TEST

/* It knows a policy again by its mark as the real one does, so that tests can tell a reload by hand. */
START_TEST(test_marks)
{
    g_autoptr(Kernel) kernel = make(NULL);
    g_autofree char *mark = kernel_mark("a");
    g_autofree char *other = kernel_mark("b");
    g_autofree char *marked = g_strdup_printf("profile a {\n  \"%s\" r,\n}\n", mark);
    gboolean was_loaded;

    ck_assert_str_ne(mark, other);
    ck_assert(!kernel_has_policy(kernel, "a", mark));
    ck_assert(load(kernel, marked, KERNEL_REPLACE, NULL));
    ck_assert(kernel_has_policy(kernel, "a", mark));
    ck_assert(!kernel_has_policy(kernel, "a", other) && !kernel_has_policy(kernel, "b", mark));
    put("no-answers", "");
    ck_assert(!kernel_has_policy(kernel, "a", mark));
    take("no-answers");
    ck_assert(load(kernel, ONE, KERNEL_REPLACE, NULL));
    ck_assert(!kernel_has_policy(kernel, "a", mark));
    ck_assert(load(kernel, marked, KERNEL_REPLACE, NULL));
    ck_assert(kernel_remove(kernel, "a", &was_loaded, NULL));
    ck_assert(!kernel_has_policy(kernel, "a", mark));
}
END_TEST

START_TEST(test_in_use)
{
    g_autoptr(Kernel) kernel = make(NULL);
    gboolean yes;

    ck_assert(kernel_label_in_use(kernel, "a", &yes, NULL) && !yes);
    put("in-use/a", "");
    ck_assert(kernel_label_in_use(kernel, "a", &yes, NULL) && yes);
}
END_TEST

START_TEST(test_unload)
{
    g_autoptr(Kernel) kernel = make(NULL);
    g_autoptr(GError) error = NULL;
    KernelUnload outcome = KERNEL_STAYS;

    ck_assert(kernel_unload(kernel, "a", &outcome, NULL));
    ck_assert_int_eq(outcome, (int)KERNEL_WAS_NOT_LOADED);
    ck_assert(load(kernel, ONE, KERNEL_ADD, &error));
    put("in-use/a", "");
    ck_assert(kernel_unload(kernel, "a", &outcome, NULL));
    ck_assert_int_eq(outcome, (int)KERNEL_STAYS);
    ck_assert(has(kernel, "a"));
    take("in-use/a");
    put("refuse", "");
    ck_assert(!kernel_unload(kernel, "a", &outcome, &error));
    ck_assert_int_eq(outcome, (int)KERNEL_STAYS);
    take("refuse");
    ck_assert(kernel_unload(kernel, "a", &outcome, NULL));
    ck_assert_int_eq(outcome, (int)KERNEL_UNLOADED);
    ck_assert(!has(kernel, "a"));
}
END_TEST

START_TEST(test_refusals)
{
    g_autoptr(Kernel) kernel = make(NULL);
    g_autoptr(GError) error = NULL;
    gboolean was_loaded;

    put("refuse", "71\n");
    ck_assert(!load(kernel, ONE, KERNEL_REPLACE, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_FAILED));
    ck_assert(!has(kernel, "a"));
    g_clear_error(&error);
    put("refuse", "");
    ck_assert(!kernel_remove(kernel, "a", &was_loaded, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
}
END_TEST

START_TEST(test_faults)
{
    static const struct {
        const char *fault;
        gboolean replaced;
    } rows[] = {{"load", FALSE}, {"loaded", TRUE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Kernel) kernel = make(NULL);
        gboolean was_loaded;
        pid_t pid;
        int status;

        /* It fails. */
        fault_arm(rows[i].fault, 0, FAULT_FAIL);
        ck_assert_msg(!load(kernel, TWO, KERNEL_REPLACE, NULL), "%s", rows[i].fault);
        ck_assert_msg(has(kernel, "b") == rows[i].replaced, "%s", rows[i].fault);
        ck_assert(kernel_remove(kernel, "b", &was_loaded, NULL));

        /* It crashes. */
        pid = fork();
        if (pid == 0) {
            fault_arm(rows[i].fault, 0, FAULT_CRASH);
            load(kernel, TWO, KERNEL_REPLACE, NULL);
            _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(WIFSIGNALED(status), "%s", rows[i].fault);
        ck_assert_msg(has(kernel, "b") == rows[i].replaced, "%s", rows[i].fault);
        ck_assert(kernel_remove(kernel, "b", &was_loaded, NULL));
    }
}
END_TEST

START_TEST(test_real_compiler)
{
    g_autoptr(Kernel) kernel = make(APPARMOR_PARSER);
    g_autoptr(GError) error = NULL;

    if (access(APPARMOR_PARSER, X_OK) != 0) {
        fprintf(stderr, "SKIP: no %s\n", APPARMOR_PARSER);
        return;
    }
    ck_assert_msg(load(kernel, TWO, KERNEL_REPLACE, &error), "%s", error ? error->message : "");
    ck_assert(!load(kernel, "profile c {\n  nonsense\n}\n", KERNEL_REPLACE, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_POLICY));
    ck_assert(has(kernel, "a") && !has(kernel, "c"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("kernel-fake");
    TCase *tc = tcase_create("kernel-fake");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_life);
    tcase_add_test(tc, test_marks);
    tcase_add_test(tc, test_in_use);
    tcase_add_test(tc, test_unload);
    tcase_add_test(tc, test_refusals);
    tcase_add_test(tc, test_faults);
    tcase_add_test(tc, test_real_compiler);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
