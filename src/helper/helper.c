/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/helper.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "basic/locale-name.h"
#include "basic/standard.h"
#include "helper/lower.h"
#include "helper/modes.h"
#include "helper/options.h"
#include "helper/report.h"
#include "helper/unconfined.h"

/*
 * The locale comes from the environment, for root by its name alone: LOCPATH would have files read that anybody
 * may have written. Then all of it goes: a child gets nothing of it but what is set here.
 */
static void
set_up_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"};
    char *values[G_N_ELEMENTS(names)];

    if (geteuid() != 0) {
        setlocale(LC_ALL, "");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        values[i] = g_strdup(getenv(names[i]));
    clearenv();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (values[i] && values[i][strspn(values[i], LOCALE_NAME_CHARACTERS)] == '\0')
            setenv(names[i], values[i], 1);
        g_free(values[i]);
    }
    setlocale(LC_ALL, "");
}

static void
set_up_environment(void)
{
    set_up_locale();
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);

    clearenv();
    setenv("PATH", "/sbin:/usr/sbin", 1);
    setenv("IFS", " \t\n", 1);
}

static gboolean
run(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Request) request = request_new(config, options, error);

    if (!request)
        return FALSE;
    if (options->unrecorded)
        return unconfined_check_unrecorded(request, error);
    switch (options->command) {
    case COMMAND_ADD:
        return mode_add(request, error);
    case COMMAND_CREATE:
        return mode_create(request, error);
    case COMMAND_DELETE:
        return mode_delete(request, error);
    case COMMAND_REPLACE:
        return options->add_share ? mode_add_share(request, error) : mode_replace(request, error);
    case COMMAND_REMOVE:
        return mode_remove(request, error);
    case COMMAND_NONE:
        break;
    }
    g_assert_not_reached();
}

/* The last words of a call that failed. */
static void
report_failure(const GError *error, const Options *options, gboolean by_libvirtd)
{
    if (g_error_matches(error, BASE_ERROR, BASE_ERROR_POLICY)) {
        report_text(error->message);
        report_error(_("the policy does not compile; nothing was changed"));
    } else {
        report_error(error->message);
    }
#ifdef WITH_CTL
    /* Who looks into libvirtd's log for why a VM does not start; virsh says no more than that a profile cannot
     * be loaded. By its UUID, of which nothing needs quoting. */
    if (by_libvirtd && options->profile) {
        g_autofree char *pointer = g_strdup_printf(_("\"virt-aa-ctl why %s\" says more"),
                                                   options->profile + strlen("libvirt-"));

        report_note(pointer);
    }
#endif
}

int
helper_main(const HelperConfig *config, int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_autoptr(GError) error = NULL;
    /* which sets it for this call */
    gboolean by_libvirtd = getenv("LIBVIRT_LOG_OUTPUTS") != NULL;

    /* nowhere to say that there is nowhere to say anything */
    if (!standard_fill())
        return EXIT_FAILURE;
    /* what is under way is ended or taken back, whether or not there is room, or anybody who listens */
    standard_outlive(SIGXFSZ);
    standard_outlive(SIGPIPE);
    report_init(argv[0], getenv("LIBVIRT_LOG_OUTPUTS"));
    set_up_environment();
    if (!options_parse(argc, argv, &options, &error)) {
        report_error(error->message);
        return EXIT_FAILURE;
    }
    if (options.version) {
        printf("%s (%s) %s\n", report_program(), PACKAGE_NAME, PACKAGE_VERSION);
        return EXIT_SUCCESS;
    }
    if (options.help || (options.command == COMMAND_NONE && !options.unrecorded)) {
        options_print_usage(report_program());
        return options.help ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    /* a large domain has a thousand lines to say */
    if (options.dry_run)
        setvbuf(stderr, NULL, _IOFBF, BUFSIZ * 8);
    if (!lower_power(&error) || !run(config, &options, &error)) {
        report_failure(error, &options, by_libvirtd && !options.dry_run);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
