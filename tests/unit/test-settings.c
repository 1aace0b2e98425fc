/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "settings/settings.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "# comment\n"
                           "[shares]\n"
                           "allow-write = /etc/exports.d; /usr/share/games/**;/opt/*/etc\n"
                           "\n"
                           "[virtiofsd]\n"
                           "binary = /opt/virtiofsd\n"
                           "options = --announce-submounts; --inode-file-handles=never\n"
                           "allow-unconfined = /opt/free\n"
                           "[vm web-*]\n"
                           "options = --posix-acl\n"
                           "[vm web-1]\n"
                           "binary = /opt/other\n";

static const struct {
    const char *dir;
    gboolean allowed;
} dirs[] = {
    {"/etc/exports.d", TRUE},   {"/etc/exports.d/x", FALSE},    {"/etc", FALSE},
    {"/usr/share/games", TRUE}, {"/usr/share/games/a/b", TRUE}, {"/usr/share/gamesx", FALSE},
    {"/opt/a/etc", TRUE},       {"/opt/a/b/etc", FALSE},        {"/", FALSE},
};

START_TEST(test_allow_write)
{
    g_autoptr(Settings) settings = settings_parse(text, "f", NULL);

    ck_assert_msg(settings_allows_write(settings, dirs[_i].dir) == dirs[_i].allowed, "%s",
                  dirs[_i].dir);
}
END_TEST

START_TEST(test_virtiofsd)
{
    g_autoptr(Settings) settings = settings_parse(text, "f", NULL);
    g_autoptr(GPtrArray) plain = settings_options(settings, "db");
    g_autoptr(GPtrArray) web = settings_options(settings, "web-1");

    ck_assert_str_eq(settings_binary(settings, "db"), "/opt/virtiofsd");
    ck_assert_str_eq(settings_binary(settings, "web-1"), "/opt/other");
    ck_assert_int_eq(plain->len, 2);
    ck_assert_int_eq(web->len, 3);
    ck_assert_str_eq(g_ptr_array_index(web, 1), "--inode-file-handles=never");
    ck_assert_str_eq(g_ptr_array_index(web, 2), "--posix-acl");
    ck_assert(settings_allows_unconfined(settings, "/opt/free"));
    ck_assert(!settings_allows_unconfined(settings, "/opt/freedom"));
}
END_TEST

START_TEST(test_nothing)
{
    g_autoptr(Settings) settings = settings_new();
    g_autoptr(Settings) empty = settings_parse("", "f", NULL);
    g_autoptr(GPtrArray) options = settings_options(settings, "a");

    ck_assert_ptr_nonnull(empty);
    ck_assert(!settings_allows_write(settings, "/etc"));
    ck_assert_ptr_null(settings_binary(settings, "a"));
    ck_assert_int_eq(options->len, 0);
}
END_TEST

START_TEST(test_option_of_two_arguments)
{
    g_autoptr(Settings) settings =
        settings_parse("[virtiofsd]\noptions = -o  xattr; -oflock\n", "f", NULL);
    g_autoptr(GPtrArray) options = settings_options(settings, "a");

    ck_assert_int_eq(options->len, 3);
    ck_assert_str_eq(g_ptr_array_index(options, 0), "-o");
    ck_assert_str_eq(g_ptr_array_index(options, 1), "xattr");
    ck_assert_str_eq(g_ptr_array_index(options, 2), "-oflock");
}
END_TEST

/* Options of all VMs, options of one, and what becomes of both. */
static const struct {
    const char *all;
    const char *one;
    const char *both;
} merged[] = {
    {"--modcaps=-mknod", "--xattr", "--modcaps=-mknod|--xattr"},
    {"--modcaps -mknod:+bpf", "--modcaps=+mknod", NULL},
    {"--modcaps=-mknod:+bpf", "--modcaps=+mknod", "--modcaps=-mknod:+bpf:+mknod"},
    {"--modcaps=-mknod; --xattr", "--cache never; --modcaps +bpf",
     "--xattr|--cache|never|--modcaps=-mknod:+bpf"},
    {"-o xattr,modcaps=-mknod,flock", "--modcaps=+bpf; -omodcaps=+kill",
     "-o|xattr,flock|-o|modcaps=-mknod:+bpf:+kill"},
    {"-o  xattr", "-oflock", "-o|xattr|-oflock"},
    {"--tag=--modcaps=+bpf; --modcaps=-mknod", "--xattr",
     "--tag=--modcaps=+bpf|--modcaps=-mknod|--xattr"},
};

START_TEST(test_options_of_groups)
{
    g_autofree char *conf = g_strdup_printf("[virtiofsd]\noptions = %s\n[vm a]\noptions = %s\n",
                                            merged[_i].all, merged[_i].one);
    g_autoptr(Settings) settings = settings_parse(conf, "f", NULL);
    g_autoptr(GPtrArray) options = settings ? settings_options(settings, "a") : NULL;
    g_autofree char *both = options ? g_strjoinv("|", (char **)options->pdata) : NULL;

    ck_assert_msg(g_strcmp0(both, merged[_i].both) == 0, "%s; %s: %s", merged[_i].all,
                  merged[_i].one, both);
}
END_TEST

static const struct {
    const char *name;
    const char *text;
    const char *message;
} errors[] = {
    {"no group", "a = b\n", "f: line"},
    {"no key", "[shares]\n\nnonsense\n", "f: line 3"},
    {"group", "[share]\nallow-write = /a\n", "f: line 1: there is no group [share]"},
    {"nameless VM", "[vm ]\n", "f: line 1"},
    {"key", "# c\n[shares]\nallow-writing = /a\n", "f: line 3: there is no key 'allow-writing'"},
    {"key of another group", "[shares]\nbinary = /a\n", "f: line 2"},
    {"relative path", "[shares]\nallow-write = etc\n", "f: line 2: 'etc' is not an absolute path"},
    {"no value", "[shares]\nallow-write =\n", "f: line 2"},
    {"two binaries", "[virtiofsd]\nbinary = /a; /b\n", "takes one value"},
    {"no option", "[virtiofsd]\noptions = posix-acl\n", "is not an option"},
    {"reserved", "[vm a]\n\noptions = --sandbox=none\n", "f: line 3: option '--sandbox=none'"},
    {"capability", "[virtiofsd]\noptions = --modcaps=+sys_admin:-x\n",
     "f: line 2: '-x' is not + or -"},
    {"capability without sign", "[virtiofsd]\noptions = -o modcaps=sys_admin\n",
     "'sys_admin' is not + or -"},
    {"capability apart", "[virtiofsd]\noptions = --modcaps; -mknod\n",
     "is written --modcaps=VALUE"},
    {"reserved shared-dir", "[virtiofsd]\noptions = --shared-dir\n", "cannot be set"},
};

START_TEST(test_errors)
{
    g_autoptr(GError) error = NULL;

    ck_assert_msg(settings_parse(errors[_i].text, "f", &error) == NULL, "%s", errors[_i].name);
    ck_assert_msg(strstr(error->message, errors[_i].message) != NULL, "%s: %s", errors[_i].name,
                  error->message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("settings");
    TCase *tc = tcase_create("settings");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tc, test_allow_write, 0, G_N_ELEMENTS(dirs));
    tcase_add_test(tc, test_virtiofsd);
    tcase_add_test(tc, test_nothing);
    tcase_add_test(tc, test_option_of_two_arguments);
    tcase_add_loop_test(tc, test_options_of_groups, 0, G_N_ELEMENTS(merged));
    tcase_add_loop_test(tc, test_errors, 0, G_N_ELEMENTS(errors));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
