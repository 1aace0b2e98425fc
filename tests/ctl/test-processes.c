/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/processes.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/pid-files.h"

static char *proc;
static gboolean no_memory; /* for a directory's buffer */

/* In the place of libc's. */
DIR *
fdopendir(int fd)
{
    DIR *(*real)(int) = (DIR * (*)(int)) dlsym(RTLD_NEXT, "fdopendir");

    if (!no_memory)
        return real(fd);
    errno = ENOMEM;
    return NULL;
}

static void
put(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(proc, name, NULL);
    g_autofree char *dir = g_path_get_dirname(path);

    ck_assert_int_eq(g_mkdir_with_parents(dir, 0755), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static void
setup(void)
{
    proc = g_dir_make_tmp("processes-XXXXXX", NULL);
    put("1/task/1/attr/apparmor/current", "unconfined\n");
    put("version", "Linux\n");
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", proc);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&proc, g_free);
}

static GPtrArray *
read_all(void)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *processes = processes_read(proc, &error);

    ck_assert_msg(processes != NULL, "%s", error ? error->message : "");
    return processes;
}

/* What one file of an attribute is to a process, 20, whose first thread is itself. */
static const struct {
    const char *name;
    const char *files[3][2]; /* below 20/task, and their text */
    const char *label;       /* NULL: not known */
    const char *mode;
    gboolean pending, mixed, unknown;
    const char *uses;  /* (nullable): a profile that it uses */
    const char *other; /* (nullable): one that it does not */
} rows[] = {
    {"enforce",
     {{"20/attr/apparmor/current", "libvirt-1 (enforce)\n"}},
     "libvirt-1",
     "enforce",
     FALSE,
     FALSE,
     FALSE,
     "libvirt-1",
     "libvirt"},
    {"the folder of old kernels",
     {{"20/attr/current", "libvirt-1 (complain)\n"}},
     "libvirt-1",
     "complain",
     FALSE,
     FALSE,
     FALSE,
     "libvirt-1",
     "libvirt-12"},
    {"unconfined",
     {{"20/attr/apparmor/current", "unconfined\n"}},
     "unconfined",
     NULL,
     FALSE,
     FALSE,
     FALSE,
     NULL,
     "libvirt-1"},
    {"a profile that is unconfined",
     {{"20/attr/apparmor/current", "a (b) (unconfined)\n"}},
     "a (b)",
     "unconfined",
     FALSE,
     FALSE,
     FALSE,
     "a (b)",
     "a"},
    {"a stack",
     {{"20/attr/apparmor/current", "a//&b//c (mixed)\n"}},
     "a//&b//c",
     "mixed",
     FALSE,
     FALSE,
     FALSE,
     "b",
     "c"},
    {"of a namespace",
     {{"20/attr/apparmor/current", ":ns://b (enforce)\n"}},
     ":ns://b",
     "enforce",
     FALSE,
     FALSE,
     FALSE,
     NULL,
     "b"},
    {"threads that differ",
     {{"20/attr/apparmor/current", "a (enforce)\n"}, {"21/attr/apparmor/current", "unconfined\n"}},
     "a",
     "enforce",
     FALSE,
     TRUE,
     FALSE,
     "a",
     NULL},
    {"threads that differ in the mode",
     {{"20/attr/apparmor/current", "a (enforce)\n"},
      {"21/attr/apparmor/current", "a (complain)\n"}},
     "a",
     "enforce",
     FALSE,
     TRUE,
     FALSE,
     "a",
     NULL},
    {"pending",
     {{"20/attr/apparmor/current", "a (enforce)\n"}, {"20/attr/apparmor/exec", "b\n"}},
     "a",
     "enforce",
     TRUE,
     FALSE,
     FALSE,
     "b",
     "c"},
    {"none pending",
     {{"20/attr/apparmor/current", "a (enforce)\n"}, {"20/attr/apparmor/exec", "\n"}},
     "a",
     "enforce",
     FALSE,
     FALSE,
     FALSE,
     "a",
     ""},
    {"not to be read",
     {{"20/attr/apparmor/current/x", ""}},
     NULL,
     NULL,
     FALSE,
     FALSE,
     TRUE,
     NULL,
     "a"},
    {"no label", {{"20/comm", "x"}}, NULL, NULL, FALSE, FALSE, TRUE, NULL, "a"},
    {"one thread not to be read",
     {{"20/attr/apparmor/current", "a (enforce)\n"}, {"21/attr/apparmor/current/x", ""}},
     "a",
     "enforce",
     FALSE,
     FALSE,
     TRUE,
     "a",
     NULL},
};

START_TEST(test_label)
{
    g_autoptr(GPtrArray) processes = NULL;
    const CtlProcess *process;

    for (gsize i = 0; i < G_N_ELEMENTS(rows[_i].files) && rows[_i].files[i][0]; i++) {
        g_autofree char *file = g_strconcat("20/task/", rows[_i].files[i][0], NULL);

        put(file, rows[_i].files[i][1]);
    }
    processes = read_all();
    process = processes_find(processes, 20);
    ck_assert_msg(process != NULL, "%s", rows[_i].name);
    ck_assert_msg(g_strcmp0(process->label, rows[_i].label) == 0, "%s: %s", rows[_i].name,
                  process->label);
    ck_assert_msg(g_strcmp0(process->mode, rows[_i].mode) == 0, "%s: %s", rows[_i].name,
                  process->mode);
    ck_assert_msg(process->pending == rows[_i].pending, "%s: pending", rows[_i].name);
    ck_assert_msg(process->mixed == rows[_i].mixed, "%s: mixed", rows[_i].name);
    ck_assert_msg(process->partly_unknown == rows[_i].unknown, "%s: unknown", rows[_i].name);
    if (rows[_i].uses)
        ck_assert_msg(process_uses(process, rows[_i].uses), "%s: uses", rows[_i].name);
    if (rows[_i].other && *rows[_i].other)
        ck_assert_msg(!process_uses(process, rows[_i].other), "%s: does not use", rows[_i].name);
}
END_TEST

/* By number, whatever the order of the directory; of each the program. */
START_TEST(test_all)
{
    g_autofree char *exe = g_build_filename(proc, "20/exe", NULL);
    g_autoptr(GPtrArray) processes = NULL;

    put("100/task/100/attr/apparmor/current", "a (enforce)\n");
    put("20/task/20/attr/apparmor/current", "b (enforce)\n");
    ck_assert_int_eq(symlink("/usr/bin/b (deleted)", exe), 0);
    processes = read_all();
    ck_assert_int_eq((int)processes->len, 3);
    for (guint i = 0; i < 3; i++) {
        const CtlProcess *process = g_ptr_array_index(processes, i);
        static const int pids[] = {1, 20, 100};

        ck_assert_int_eq(process->pid, pids[i]);
        ck_assert_ptr_eq(processes_find(processes, pids[i]), process);
    }
    ck_assert_ptr_null(processes_find(processes, 21));
    ck_assert_str_eq(processes_find(processes, 20)->exe, "/usr/bin/b (deleted)");
    ck_assert_ptr_null(processes_find(processes, 100)->exe);
}
END_TEST

/* One that ended after it was listed: its directory is empty. */
START_TEST(test_ended)
{
    g_autofree char *ended = g_build_filename(proc, "20", NULL);
    g_autofree char *ending = g_build_filename(proc, "21", "task", NULL);
    g_autofree char *dangling = g_build_filename(proc, "22", NULL);
    g_autoptr(GPtrArray) processes = NULL;

    ck_assert_int_eq(g_mkdir_with_parents(ended, 0755), 0);
    ck_assert_int_eq(g_mkdir_with_parents(ending, 0755), 0);
    ck_assert_int_eq(symlink("nowhere", dangling), 0);
    processes = read_all();
    ck_assert_int_eq((int)processes->len, 1);
}
END_TEST

/* hidepid= of proc(5): others are not shown, and nothing is known of them. */
START_TEST(test_hidden)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'/1", proc);
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(system(command), 0);
    put("20/task/20/attr/apparmor/current", "b (enforce)\n");
    ck_assert_ptr_null(processes_read(proc, &error));
    ck_assert(g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED));
}
END_TEST

/* The real one: a kernel without AppArmor has no label for anybody, which is not the same as hiding it. */
START_TEST(test_real)
{
    g_autoptr(GPtrArray) processes = processes_read("/proc", NULL);
    const CtlProcess *process = processes ? processes_find(processes, getpid()) : NULL;
    g_autofree char *own = NULL;
    gboolean labelled = g_file_get_contents("/proc/self/attr/current", &own, NULL, NULL);

    if (!processes) /* hidepid= */
        return;
    ck_assert_ptr_nonnull(process);
    ck_assert_ptr_nonnull(process->exe);
    ck_assert_int_eq(process->unlabelled, !labelled);
    if (labelled)
        ck_assert(g_str_has_prefix(own, process->label));
}
END_TEST

static guint
count_descriptors(void)
{
    guint n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* A directory of pid files that is opened, and cannot be read: nothing is left open. */
START_TEST(test_pid_files_without_memory)
{
    guint before = count_descriptors();
    PidFiles *files;

    no_memory = TRUE;
    files = pid_files_read(proc, NULL);
    no_memory = FALSE;
    ck_assert(pid_files_error(files) != NULL);
    ck_assert_uint_eq(count_descriptors(), before);
    pid_files_free(files);
}
END_TEST

int
main(void)
{
    TCase *tcase = tcase_create("processes");
    Suite *suite = suite_create("processes");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_label, 0, G_N_ELEMENTS(rows));
    tcase_add_test(tcase, test_all);
    tcase_add_test(tcase, test_ended);
    tcase_add_test(tcase, test_hidden);
    tcase_add_test(tcase, test_real);
    tcase_add_test(tcase, test_pid_files_without_memory);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
