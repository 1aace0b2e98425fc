/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * virt-aa-helper reads options in the configuration file and writes them into a record, the launcher takes
 * them out of it when the VM starts. What the one accepts the other must, byte for byte; what is refused
 * must not wait until a VM is to start.
 */

#include "settings/settings.h"

#include "launcher-fixture.h"
#include "launcher/arguments.h"
#include "launcher/confine.h"
#include "option-lists.h"
#include "virtiofsd/record.h"

#define PROFILE "libvirt-01234567-89ab-cdef-0123-456789abcdef"

/* The settings that have @list, with "|" between options, as virtiofsd's. */
static Settings *
as_settings(const char *list)
{
    g_auto(GStrv) options = g_strsplit(list, "|", -1);
    g_autofree char *entries = g_strjoinv("; ", options);
    g_autofree char *conf = g_strdup_printf("[vm v*]\noptions = %s\n", entries);

    return settings_parse(conf, strlen(conf), "f", NULL);
}

static bool
launcher_accepts(const Record *record, Failure *failure)
{
    Arguments arguments = {.fd = 3, .share = (char *)"/srv"};

    return confine_check_arguments(&arguments, record, failure);
}

/* From the settings through a record into virtiofsd's command line. */
static void
follow(const char *name, const Settings *settings)
{
    g_autoptr(GPtrArray) options = settings_options(settings, "vm");
    Record record = {
        .profile = (char *)PROFILE, .domain = (char *)"vm", .options = (char **)options->pdata};
    AUTO_RECORD Record read = {0};
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    char *argv[] = {(char *)"V", (char *)"--fd=3", (char *)"--shared-dir=/srv", NULL};
    char **built __attribute__((cleanup(arguments_free_built))) = NULL;
    Failure failure = {.text = ""};
    size_t length, n;
    g_autofree char *text = record_format(&record, &length, &failure);

    ck_assert_msg(text && record_parse(text, length, &read, &failure), "%s: %s", name,
                  failure.text);
    ck_assert_msg(launcher_accepts(&read, &failure), "%s: %s", name, failure.text);
    ck_assert(arguments_parse(3, argv, &arguments, &failure));
    built = arguments_build(&arguments, "V", "/srv", read.options);
    n = g_strv_length(built);
    ck_assert_msg(n > options->len, "%s", name);
    for (guint i = 0; i < options->len; i++)
        ck_assert_msg(strcmp(built[n - options->len + i], g_ptr_array_index(options, i)) == 0,
                      "%s: argument %u", name, i);
}

START_TEST(test_lists)
{
    const char *list = option_lists[_i].list;
    g_autoptr(Settings) settings = as_settings(list);
    char line[256];
    char *options[OPTION_LIST_MAX];
    Record record = {.options = options};
    Failure failure = {.text = ""};

    /* no option is a list to the launcher, but no value to the settings */
    if (!*list)
        return;
    if (settings)
        follow(list, settings);
    /* the settings make two arguments of what has a blank in it, so that it is another list */
    if (strchr(list, ' '))
        return;
    fixture_copy(line, sizeof(line), list);
    option_list_split(line, options);
    ck_assert_msg((settings != NULL) == launcher_accepts(&record, &failure), "%s: %s", list,
                  failure.text);
    ck_assert_msg((settings != NULL) == !option_lists[_i].why, "%s", list);
}
END_TEST

START_TEST(test_two_arguments_in_one_entry)
{
    g_autoptr(Settings) settings = as_settings("--cache never|-o  xattr,modcaps=-mknod");

    ck_assert_ptr_nonnull(settings);
    follow("two arguments", settings);
}
END_TEST

int
main(void)
{
    TCase *tc = tcase_create("agreement");

    tcase_add_loop_test(tc, test_lists, 0, ROWS(option_lists));
    tcase_add_test(tc, test_two_arguments_in_one_entry);
    return fixture_run("agreement", tc);
}
