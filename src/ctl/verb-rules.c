/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"
#include "ctl/own-rules.h"
#include "ctl/own-text.h"
#include "ctl/verbs.h"
#include "policy/files.h"

/* What is known of one profile. */
typedef struct {
    OwnTarget target;
    Own own;
    char *problem;   /* (nullable): why the own rules cannot be read */
    gboolean hidden; /* by rights alone */
    char *rules_file;
    char **
        rules; /* (nullable): what follows from the definition; NULL: not asked for, or not there */
} Shown;

static void
shown_clear(Shown *shown)
{
    own_target_clear(&shown->target);
    own_clear(&shown->own);
    g_clear_pointer(&shown->problem, g_free);
    g_clear_pointer(&shown->rules_file, g_free);
    g_clear_pointer(&shown->rules, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shown, shown_clear)

static void
read_all(const Ctl *ctl, Shown *shown)
{
    const char *dir_path = ctl->config->helper.policy_dir;
    g_autoptr(PolicyDir) dir = policy_dir_open(dir_path, NULL);
    g_autofree char *name =
        g_strconcat(shown->target.qemu, shown->target.virtiofsd ? ".virtiofsd" : ".files", NULL);
    g_autofree char *text = NULL;

    shown->rules_file = g_build_filename(dir_path, name, NULL);
    if (dir && policy_read(dir, name, &text, NULL))
        shown->rules = own_text_rules(text);
}

static void
look(const Ctl *ctl, gboolean all, Shown *shown)
{
    g_autoptr(GError) unread = NULL;

    if (!own_target_read(ctl, &shown->target, &shown->own, &unread)) {
        shown->hidden = g_error_matches(unread, BASE_ERROR, BASE_ERROR_DENIED);
        shown->problem = g_strdup(unread->message);
    }
    if (all)
        read_all(ctl, shown);
}

/* ---- for a person ---- */

static void
print_lines(Output *output, char **lines)
{
    for (char **line = lines; *line; line++)
        output_line(output, COLOUR_PLAIN, "  %s", *line);
}

static void
print_shown(Ctl *ctl, const Shown *shown)
{
    const char *who = shown->target.virtiofsd ? "virtiofsd" : "QEMU";
    g_auto(GStrv) rules = own_text_rules(shown->own.rules);

    output_line(ctl->output, COLOUR_BOLD, "%s: %s", who, shown->target.profile);
    if (shown->own.complain)
        output_line(ctl->output, COLOUR_NOTE, _("complain mode: virt-aa-ctl enforce %s%s ends it"),
                    shown->target.uuid, shown->target.virtiofsd ? " --virtiofsd" : "");
    if (shown->hidden)
        output_line(ctl->output, COLOUR_NOTE, _("own rules: unknown: needs root (%s)"),
                    shown->problem);
    else if (shown->problem)
        output_line(ctl->output, COLOUR_BAD, "%s", shown->problem);
    else if (shown->own.rules)
        output_line(ctl->output, COLOUR_PLAIN, _("own rules, %s:"), shown->own.path);
    else
        output_line(ctl->output, COLOUR_PLAIN, "%s", _("no own rules"));
    print_lines(ctl->output, rules);
    if (!shown->rules)
        return;
    output_line(ctl->output, COLOUR_PLAIN, _("from the definition and this host, %s:"),
                shown->rules_file);
    print_lines(ctl->output, shown->rules);
}

/* ---- for programs ---- */

static void
add_strings(JsonBuilder *builder, const char *member, char **strings)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (char **string = strings; *string; string++)
        json_add_element(builder, *string);
    json_builder_end_array(builder);
}

static void
add_shown(JsonBuilder *builder, const Shown *shown)
{
    g_auto(GStrv) rules = own_text_rules(shown->own.rules);

    json_builder_begin_object(builder);
    json_add_string(builder, "profile", shown->target.profile);
    json_add_string(builder, "file", shown->own.path);
    add_strings(builder, "rules", rules);
    json_add_boolean(builder, "complain", shown->own.complain);
    if (shown->problem)
        json_add_string(builder, "problem", shown->problem);
    if (shown->rules) {
        json_add_string(builder, "definition_file", shown->rules_file);
        add_strings(builder, "definition_rules", shown->rules);
    }
    json_builder_end_object(builder);
}

static JsonNode *
to_json(const Shown *qemu, const Shown *virtiofsd)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_add_string(builder, "domain", qemu->target.domain);
    json_add_string(builder, "uuid", qemu->target.uuid);
    json_builder_set_member_name(builder, "qemu");
    add_shown(builder, qemu);
    json_builder_set_member_name(builder, "virtiofsd");
    add_shown(builder, virtiofsd);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}

/* Rules that cannot be read keep the VM from starting. */
static CtlStatus
status_of(const Shown *shown)
{
    if (shown->hidden)
        return CTL_UNKNOWN;
    return shown->problem ? CTL_UNCONFINED : CTL_GOOD;
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    gboolean all = FALSE;
    g_auto(Shown) qemu = {0};
    g_auto(Shown) virtiofsd = {0};
    const GOptionEntry entries[] = {
        {"all", 'a', 0, G_OPTION_ARG_NONE, &all,
         N_("the rules that follow from the definition, too"), NULL},
        {0},
    };

    if (!ctl_parse(ctl, &verb_rules, entries, &argc, &argv, 1, 1, error) ||
        !own_target_find(ctl, argv[1], FALSE, &qemu.target, error))
        return CTL_FAILED;
    own_target_virtiofsd(&qemu.target, &virtiofsd.target);
    look(ctl, all, &qemu);
    look(ctl, all, &virtiofsd);
    print_shown(ctl, &qemu);
    print_shown(ctl, &virtiofsd);
    output_json(ctl->output, to_json(&qemu, &virtiofsd));
    return ctl_worse(status_of(&qemu), status_of(&virtiofsd));
}

const CtlVerb verb_rules = {"rules", "DOMAIN", N_("show a VM's own rules"), run};
