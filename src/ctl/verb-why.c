/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/domains.h"
#include "ctl/json-members.h"
#include "ctl/moment.h"
#include "ctl/output-json.h"
#include "ctl/story.h"
#include "ctl/verbs.h"
#include "ctl/words.h"

static void
add_event(JsonBuilder *builder, const StoryEvent *event)
{
    json_builder_begin_object(builder);
    if (event->time)
        moment_add_json(builder, "time", event->time);
    json_add_string_or_null(builder, "source", event->source);
    json_add_boolean(builder, "trusted", event->trusted);
    json_add_string_or_null(builder, "text", event->text);
    json_builder_end_object(builder);
}

static void
add_cause(JsonBuilder *builder, const Story *story, const char *remedy)
{
    json_builder_set_member_name(builder, "cause");
    if (story->cause == CAUSE_NONE) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "word", cause_get(story->cause)->word);
    json_add_string_or_null(builder, "text", _(cause_get(story->cause)->text));
    json_add_string_or_null(builder, "message", story->message);
    json_add_string_or_null(builder, "origin", story->today ? "today" : story->origin);
    json_add_boolean(builder, "trusted", story->sure);
    json_add_boolean(builder, "mended", story->mended);
    json_add_string_or_null(builder, "remedy", remedy);
    json_builder_end_object(builder);
}

static JsonNode *
to_json(const Story *story, const char *remedy)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "domain", story->domain->name);
    json_add_string_or_null(builder, "uuid", story->domain->uuid);
    json_add_boolean(builder, "running", story->domain->running);
    moment_add_json(builder, "since", story->since);
    json_add_boolean(builder, "complete", story->unread->len == 0 && !story->forbidden);
    json_builder_set_member_name(builder, "events");
    json_builder_begin_array(builder);
    for (guint i = 0; i < story->events->len; i++)
        add_event(builder, g_ptr_array_index(story->events, i));
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "denials");
    denials_to_json(builder, story->denials);
    add_cause(builder, story, remedy);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}

static void
print_events(Output *output, const Story *story)
{
    gboolean quoted = FALSE;

    for (guint i = 0; i < story->events->len; i++) {
        const StoryEvent *event = g_ptr_array_index(story->events, i);
        const StoryEvent *before = i ? g_ptr_array_index(story->events, i - 1) : NULL;
        g_autofree char *time = event->time ? moment_text(event->time) : g_strdup("");

        if (!before || strcmp(before->source, event->source) != 0)
            output_line(output, COLOUR_BOLD, "%s",
                        event->trusted ? _("libvirtd's journal") : event->source);
        output_line(output, COLOUR_PLAIN, "  %-19s  %s", time, event->text);
        quoted |= !event->trusted;
    }
    if (quoted)
        output_line(output, COLOUR_PLAIN, "%s",
                    _("(Logs of QEMU and virtiofsd are quoted: a guest that has taken one over can "
                      "write any line there.)"));
}

static void
print_cause(Output *output, const Story *story, const char *remedy)
{
    if (story->cause == CAUSE_NONE) {
        output_line(output, COLOUR_PLAIN, "%s",
                    story->forbidden ? _("unknown: needs root")
                    : story->denials->list->len
                        ? _("No start or attach was refused; what was denied is above.")
                        : _("Nothing was refused or denied."));
        return;
    }
    output_line(output, COLOUR_BAD, _("Why: %s"), _(cause_get(story->cause)->text));
    output_line(output, COLOUR_PLAIN, "  %s", story->message);
    output_line(output, COLOUR_PLAIN, _("  (from: %s)"), story->origin);
    if (!story->sure)
        output_line(
            output, COLOUR_NOTE, "  %s",
            _("This line is the last of a log that the VM's virtiofsd can write to as well."));
    if (story->mended)
        output_line(output, COLOUR_GOOD, "  %s",
                    _("It is no longer so: start the VM again, or attach again."));
    else if (remedy)
        output_line(output, COLOUR_PLAIN, "  -> %s", remedy);
}

static void
print(Ctl *ctl, const Story *story, const char *remedy)
{
    g_autofree char *since = moment_text(story->since);

    output_line(ctl->output, COLOUR_BOLD,
                story->domain->running ? _("%s (%s) is running; looked at from %s on")
                                       : _("%s (%s) is off; looked at from %s on"),
                story->domain->name, story->domain->uuid, since);
    print_events(ctl->output, story);
    denials_print(ctl->output, story->denials);
    for (guint i = 0; i < story->unread->len; i++)
        output_warning(ctl->output, "%s", (const char *)g_ptr_array_index(story->unread, i));
    print_cause(ctl->output, story, remedy);
    output_json(ctl->output, to_json(story, remedy));
}

/* A domain that runs has started, whatever was refused to it since. */
static CtlStatus
judge(const Story *story)
{
    gboolean fails = story->cause != CAUSE_NONE && !story->domain->running && !story->mended;

    return ctl_worse(fails ? CTL_UNCONFINED : CTL_GOOD,
                     story->forbidden || story->unread->len ? CTL_UNKNOWN : CTL_GOOD);
}

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autofree char *since_text = NULL;
    const GOptionEntry entries[] = {
        {"since", 's', 0, G_OPTION_ARG_STRING, &since_text,
         N_("from when on (default: the last start)"), N_("TIME")},
        {0},
    };
    gint64 since = 0;
    g_autoptr(CtlDomain) domain = NULL;
    g_autoptr(Story) story = NULL;
    g_autofree char *name = NULL;
    g_autofree char *remedy = NULL;

    if (!ctl_parse(ctl, &verb_why, entries, &argc, &argv, 1, 1, error) ||
        (since_text && !moment_parse(since_text, &since, error)))
        return CTL_FAILED;
    domain = domains_find(ctl->uri, argv[1], error);
    if (!domain)
        return CTL_FAILED;
    story = story_read(ctl->config, domain, since);
    name = words_domain(domain->name, domain->uuid);
    remedy = story->cause != CAUSE_NONE ? cause_remedy(story->cause, name) : NULL;
    print(ctl, story, remedy);
    return judge(story);
}

const CtlVerb verb_why = {"why", "DOMAIN", N_("say why a VM does not start, and what to do"), run};
