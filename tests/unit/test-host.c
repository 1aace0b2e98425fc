/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/host.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *root;

static void
setup(void)
{
    g_autofree char *dir = NULL;
    g_autofree char *file = NULL;
    g_autofree char *link = NULL;

    root = g_dir_make_tmp("test-host-XXXXXX", NULL);
    ck_assert_ptr_nonnull(root);
    dir = g_build_filename(root, "sys", "a", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(dir, 0755), 0);
    file = g_build_filename(dir, "vendor", NULL);
    ck_assert(g_file_set_contents(file, " 0x8086\n", -1, NULL));
    link = g_build_filename(root, "sys", "link", NULL);
    ck_assert_int_eq(symlink("/sys/a", link), 0);
}

static void
teardown(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", root);

    ck_assert_int_eq(system(command), 0);
    g_clear_pointer(&root, g_free);
}

START_TEST(test_below_a_root)
{
    g_autoptr(Host) host = host_new(root, NULL);
    g_autofree char *real = host_realpath(host, "/sys/link/../link/vendor");
    g_autofree char *text = host_read_text(host, "/sys/link/vendor");
    g_auto(GStrv) names = host_list(host, "/sys");

    ck_assert_str_eq(real, "/sys/a/vendor");
    ck_assert_str_eq(text, "0x8086");
    ck_assert_str_eq(names[0], "a");
    ck_assert_str_eq(names[1], "link");
    ck_assert_ptr_null(names[2]);
    ck_assert(host_exists(host, "/sys/link/vendor"));
    ck_assert(!host_exists(host, "/etc/passwd"));
    ck_assert(!host_exists(host, "/../../../../../../etc/passwd"));
}
END_TEST

/* What is kept of directories must not be seen from outside. */
START_TEST(test_as_realpath)
{
    static const char *const tails[] = {
        "sys/a/vendor", "sys/a/../a/vendor", "sys/a/",   "sys/a/.",    "sys/a/..",
        "sys/here",     "sys/here/vendor",   "sys/none", "sys/none/x", ""};
    g_autoptr(Host) host = host_new(NULL, NULL);
    g_autofree char *link = g_build_filename(root, "sys", "here", NULL);

    ck_assert_int_eq(symlink("a", link), 0);
    for (int round = 0; round < 2; round++) {
        for (gsize i = 0; i < G_N_ELEMENTS(tails); i++) {
            g_autofree char *path = g_strconcat(root, "/", tails[i], NULL);
            g_autofree char *ours = host_realpath(host, path);
            char *theirs = realpath(path, NULL);

            ck_assert_msg(g_strcmp0(ours, theirs) == 0, "%s: %s, not %s", path, ours, theirs);
            free(theirs);
        }
    }
}
END_TEST

START_TEST(test_what_is_not_there)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(host_new("/nonexistent/root", &error));
    ck_assert_ptr_nonnull(error);

    g_autoptr(Host) host = host_new(root, NULL);
    ck_assert_ptr_null(host_realpath(host, "/sys/none"));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_null(host_list(host, "/sys/none"));
    ck_assert_ptr_null(host_read_text(host, "/sys/none"));
}
END_TEST

/* libc's, but where it fails with this. */
static int readdir_error;

struct dirent *
readdir(DIR *dir)
{
    static struct dirent *(*libcs)(DIR *);

    /* what <dirent.h> calls it with 64-bit offsets */
    if (!libcs)
        *(void **)&libcs = dlsym(RTLD_NEXT, "readdir64");
    errno = readdir_error;
    return readdir_error ? NULL : libcs(dir);
}

START_TEST(test_a_directory_read_half_way)
{
    g_autoptr(Host) host = host_new(root, NULL);

    readdir_error = EIO;
    ck_assert_ptr_null(host_list(host, "/sys"));
    ck_assert_int_eq(errno, EIO);
    readdir_error = 0;
}
END_TEST

START_TEST(test_only_files)
{
    g_autoptr(Host) host = host_new(root, NULL);
    g_autofree char *pipe = g_build_filename(root, "sys", "pipe", NULL);
    int fd = host_open_regular(host, "/sys/link/vendor");

    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_eq(host_open_regular(host, "/sys/pipe"), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(host_open_regular(host, "/sys/a"), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(host_open_regular(host, "/sys/none"), -1);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("host");
    TCase *tc = tcase_create("host");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_below_a_root);
    tcase_add_test(tc, test_as_realpath);
    tcase_add_test(tc, test_what_is_not_there);
    tcase_add_test(tc, test_a_directory_read_half_way);
    tcase_add_test(tc, test_only_files);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
