/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/ctl.h"

#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "basic/standard.h"

static void
print_usage(Ctl *ctl)
{
    const CtlProgram *program = ctl->program;

    output_line(ctl->output, COLOUR_BOLD, _("Usage: %s VERB [OPTION...] [ARGUMENT...]"),
                program->name);
    output_text(ctl->output, _(program->description));
    output_line(ctl->output, COLOUR_PLAIN, "%s", "");
    for (gsize i = 0; i < program->n_verbs; i++)
        output_line(ctl->output, COLOUR_PLAIN, "  %-10s %s", program->verbs[i]->name,
                    _(program->verbs[i]->summary));
    output_line(ctl->output, COLOUR_PLAIN, "%s", "");
    output_line(ctl->output, COLOUR_PLAIN, "%s", _(program->more));
}

static const CtlVerb *
find_verb(const CtlProgram *program, const char *name)
{
    for (gsize i = 0; i < program->n_verbs; i++) {
        if (strcmp(program->verbs[i]->name, name) == 0)
            return program->verbs[i];
    }
    return NULL;
}

CtlStatus
ctl_worse(CtlStatus a, CtlStatus b)
{
    return MAX(a, b);
}

/* GLib's own --help ends the process where it likes; ours is said like all else. */
static void G_GNUC_NORETURN
print_help(Ctl *ctl, GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

    output_text(ctl->output, help);
    if (!output_flush(ctl->output, NULL))
        exit(CTL_FAILED);
    exit(CTL_GOOD);
}

/* What ends the options is no argument; GLib leaves it where a name begins with a dash behind it. */
static void
drop_end_of_options(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        memmove(argv + i, argv + i + 1, (gsize)(*argc - i) * sizeof(argv[0]));
        --*argc;
        return;
    }
}

gboolean
ctl_parse(Ctl *ctl, const CtlVerb *verb, const GOptionEntry *entries, int *argc, char ***argv,
          int min, int max, GError **error)
{
    gboolean json = FALSE;
    gboolean help = FALSE;
    g_autofree char *uri = NULL;
    const GOptionEntry for_people[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print JSON"), NULL},
        {"connect", 'c', 0, G_OPTION_ARG_STRING, &uri, N_("libvirt's URI"), N_("URI")},
        {0},
    };
    const GOptionEntry common[] = {
        {"help", 'h', 0, G_OPTION_ARG_NONE, &help, N_("print this help"), NULL},
        {0},
    };
    g_autofree char *program = g_strdup_printf("%s %s", ctl->program->name, verb->name);
    g_autoptr(GOptionContext) context = g_option_context_new(verb->arguments);
    g_autoptr(GError) problem = NULL;

    g_set_prgname(program); /* in the line "Usage:" */
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
    g_option_context_set_summary(context, _(verb->summary));
    if (entries)
        g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
    if (ctl->program->switched_json)
        g_option_context_add_main_entries(context, for_people, GETTEXT_PACKAGE);
    g_option_context_add_main_entries(context, common, GETTEXT_PACKAGE);
    if (!g_option_context_parse(context, argc, argv, &problem))
        return base_set_error(error, BASE_ERROR_FAILED, "%s: %s", verb->name, problem->message);
    if (help)
        print_help(ctl, context);
    drop_end_of_options(argc, *argv);
    if (*argc - 1 < min || *argc - 1 > max) {
        g_autofree char *usage =
            g_strdup_printf(_("usage: %s %s %s"), ctl->program->name, verb->name, verb->arguments);

        return base_set_error(error, BASE_ERROR_FAILED, "%s", g_strchomp(usage));
    }
    if (json)
        output_set_json(ctl->output);
    if (uri)
        ctl->uri = g_intern_string(uri);
    return TRUE;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    const CtlVerb *verb;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(ctl);
        return argc < 2 ? CTL_FAILED : CTL_GOOD;
    }
    if (strcmp(argv[1], "--version") == 0) {
        output_line(ctl->output, COLOUR_PLAIN, "%s (%s) %s", ctl->program->name, PACKAGE_NAME,
                    PACKAGE_VERSION);
        return CTL_GOOD;
    }
    verb = find_verb(ctl->program, argv[1]);
    if (!verb) {
        base_set_error(error, BASE_ERROR_FAILED, _("there is no verb '%s'; %s --help lists them"),
                       argv[1], ctl->program->name);
        return CTL_FAILED;
    }
    return verb->run(ctl, argc - 1, argv + 1, error);
}

/* What is to be typed are verbs of virt-aa-ctl, which may not be there where a package's program has them, too. */
static void
say_own_path(Ctl *ctl)
{
    g_autofree char *path = g_build_filename(ctl->config->helper_dir, ctl->program->name, NULL);

    for (gsize i = 0; i < ctl->program->n_verbs; i++) {
        g_autofree char *what = g_strdup_printf("virt-aa-ctl %s", ctl->program->verbs[i]->name);
        g_autofree char *by = g_strdup_printf("%s %s", path, ctl->program->verbs[i]->name);

        output_replace(ctl->output, what, by);
    }
}

int
ctl_main(const CtlProgram *program, const CtlConfig *config, int argc, char **argv)
{
    g_autoptr(Output) output = output_new(argv[0], STDOUT_FILENO, STDERR_FILENO);
    g_autoptr(GError) error = NULL;
    Ctl ctl = {.program = program, .config = config, .uri = config->uri, .output = output};
    CtlStatus status;

    /* nowhere to say that there is nowhere to say anything */
    if (!standard_fill())
        return (int)CTL_FAILED;
    standard_outlive(SIGXFSZ);
    if (!program->switched_json)
        say_own_path(&ctl);
    g_set_prgname(program->name);
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    status = run(&ctl, argc, argv, &error);
    if (error) {
        output_error(output, error->message);
        status = CTL_FAILED;
    }
    g_clear_error(&error);
    if (!output_flush(output, &error)) {
        output_error(output, error->message);
        status = CTL_FAILED;
    }
    return (int)status;
}
