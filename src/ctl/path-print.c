/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/json-members.h"
#include "ctl/path-answer.h"
#include "kernel/dfa.h"

static const struct {
    guint32 bit;
    const char *word; /* in JSON; the translation is for people */
} words[] = {
    {DFA_READ, N_("read")},    {DFA_WRITE, N_("write")}, {DFA_APPEND, N_("append")},
    {DFA_LOCK, N_("lock")},    {DFA_LINK, N_("link")},   {DFA_MMAP, N_("map")},
    {DFA_EXEC, N_("execute")},
};

/* Writing has appending in it, as the parser compiles it. */
static gboolean
is_said(guint32 allowed, guint32 bit)
{
    return allowed & bit && !(bit == DFA_APPEND && allowed & DFA_WRITE);
}

/* (transfer full): "read, write" */
static char *
in_words(guint32 allowed)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (is_said(allowed, words[i].bit))
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", _(words[i].word));
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : g_strdup(_("nothing"));
}

static void
print_allowed(Output *output, const PathAnswer *answer, const char *what, guint32 allowed,
              guint32 below)
{
    g_autofree char *itself = in_words(allowed);
    g_autofree char *inside = in_words(below);
    Colour colour = (answer->is_dir ? below : allowed) & DFA_READ ? COLOUR_GOOD : COLOUR_BAD;

    if (answer->is_dir)
        output_line(output, colour, _("  %s: the directory: %s; what is in it: %s"), what, itself,
                    inside);
    else
        output_line(output, colour, "  %s: %s", what, itself);
}

static void
print_side(Output *output, const PathAnswer *answer, const char *name, const PathSide *side)
{
    output_line(output, COLOUR_PLAIN, "%s", "");
    output_line(output, COLOUR_BOLD, "%s", name);
    if (!side->planned) {
        output_line(output, COLOUR_BAD, "%s", _("  there is none: the VM has no share"));
    } else {
        print_allowed(output, answer, _("at a start"), side->allowed, side->below);
        if (side->loaded)
            print_allowed(output, answer, _("in force now"), side->kernel, side->kernel_below);
    }
    for (guint i = 0; i < side->rules->len; i++) {
        const PathRule *rule = g_ptr_array_index(side->rules, i);

        output_line(output, COLOUR_PLAIN, "    %-54s # %s", rule->text, rule->from);
    }
    for (guint i = 0; i < side->remedies->len; i++)
        output_line(output, COLOUR_PLAIN, _("  for more: %s"),
                    (const char *)g_ptr_array_index(side->remedies, i));
}

void
path_answer_print(Output *output, const PathAnswer *answer, guint sides)
{
    if (!g_str_equal(answer->asked, answer->path))
        output_line(output, COLOUR_PLAIN, _("%s is %s"), answer->asked, answer->path);
    if (!answer->exists)
        output_line(output, COLOUR_NOTE, _("%s does not exist"), answer->path);
    if (sides & 1U << START_QEMU)
        print_side(output, answer, "QEMU", &answer->sides[START_QEMU]);
    if (sides & 1U << START_VIRTIOFSD)
        print_side(output, answer, "virtiofsd", &answer->sides[START_VIRTIOFSD]);
}

/* ---- JSON ---- */

static void
add_allowed(JsonBuilder *builder, const char *name, guint32 allowed)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_array(builder);
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (is_said(allowed, words[i].bit))
            json_add_element(builder, words[i].word);
    json_builder_end_array(builder);
}

static void
add_rules(JsonBuilder *builder, GPtrArray *rules)
{
    json_builder_set_member_name(builder, "rules");
    json_builder_begin_array(builder);
    for (guint i = 0; i < rules->len; i++) {
        const PathRule *rule = g_ptr_array_index(rules, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "rule", rule->text);
        json_add_string(builder, "from", rule->from);
        json_add_boolean(builder, "deny", rule->deny);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void
add_side(JsonBuilder *builder, const PathAnswer *answer, const char *name, const PathSide *side)
{
    json_builder_set_member_name(builder, name);
    json_builder_begin_object(builder);
    json_add_boolean(builder, "planned", side->planned);
    if (side->planned)
        add_allowed(builder, "allowed", side->allowed);
    if (side->planned && answer->is_dir)
        add_allowed(builder, "allowed-below", side->below);
    if (side->loaded)
        add_allowed(builder, "in-force", side->kernel);
    if (side->loaded && answer->is_dir)
        add_allowed(builder, "in-force-below", side->kernel_below);
    add_rules(builder, side->rules);
    json_add_strings(builder, "remedies", side->remedies);
    json_builder_end_object(builder);
}

void
path_answer_to_json(JsonBuilder *builder, const PathAnswer *answer, guint sides)
{
    json_builder_begin_object(builder);
    json_add_string(builder, "asked", answer->asked);
    json_add_string(builder, "path", answer->path);
    json_add_boolean(builder, "exists", answer->exists);
    json_add_boolean(builder, "directory", answer->is_dir);
    if (sides & 1U << START_QEMU)
        add_side(builder, answer, "qemu", &answer->sides[START_QEMU]);
    if (sides & 1U << START_VIRTIOFSD)
        add_side(builder, answer, "virtiofsd", &answer->sides[START_VIRTIOFSD]);
    json_builder_end_object(builder);
}
