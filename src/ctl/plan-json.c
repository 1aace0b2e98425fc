/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/finding-json.h"
#include "ctl/plan.h"

#include <string.h>

#include "ctl/json-members.h"

static const char *const kernel_words[] = {
    [FORCE_UNKNOWN] = "unknown",
    [FORCE_NOTHING] = "not-loaded",
    [FORCE_OTHER] = "other",
    [FORCE_SAME] = "same",
};

static void
add_calls(JsonBuilder *builder, const Start *start)
{
    json_builder_set_member_name(builder, "calls");
    json_builder_begin_array(builder);
    for (guint i = 0; i < start->calls->len; i++) {
        const StartCall *call = g_ptr_array_index(start->calls, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "mode",
                        call->argument || start->options.command != COMMAND_CREATE ? "-r" : "-c");
        json_add_string(builder, "append-file", call->argument);
        json_add_boolean(builder, "foreseen", call->foreseen);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void
add_rules(JsonBuilder *builder, GPtrArray *rules)
{
    json_builder_set_member_name(builder, "rules");
    json_builder_begin_array(builder);
    for (guint i = 0; i < rules->len; i++) {
        const StartRule *rule = g_ptr_array_index(rules, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "rule", rule->text);
        json_add_string(builder, "element", rule->element);
        if (rule->line)
            json_add_integer(builder, "line", rule->line);
        json_add_string(builder, "cause", rule->cause);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void
add_diff(JsonBuilder *builder, const PlanDiff *diff)
{
    json_builder_set_member_name(builder, "diff");
    json_builder_begin_object(builder);
    json_add_boolean(builder, "on-disk", diff->there);
    json_add_strings(builder, "gone", diff->gone);
    json_add_strings(builder, "added", diff->added);
    json_add_string(builder, "kernel", kernel_words[diff->kernel]);
    json_builder_end_object(builder);
}

static void
add_profile(JsonBuilder *builder, const PlanShown *shown, StartSide side)
{
    const PlannedProfile *planned = start_planned(shown->start, side);

    if (!planned || !(shown->sides & 1U << side))
        return;
    json_builder_begin_object(builder);
    json_add_string(builder, "of", side == START_QEMU ? "qemu" : "virtiofsd");
    json_add_string(builder, "profile", planned->profile);
    json_add_string(builder, "rules-file", planned->rules_file);
    json_add_string(builder, "template", planned->template);
    add_rules(builder, shown->start->rules[side]);
    for (guint i = 0; shown->diffs && i < shown->diffs->len; i++) {
        const PlanDiff *diff = g_ptr_array_index(shown->diffs, i);

        if (diff->side == side)
            add_diff(builder, diff);
    }
    json_builder_end_object(builder);
}

JsonNode *
plan_to_json(const PlanShown *shown)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    const Start *start = shown->start;
    const Domain *domain = start->request->domain;

    json_builder_begin_object(builder);
    json_add_string(builder, "name", domain ? domain->name : NULL);
    json_add_string(builder, "uuid", start->options.profile + strlen("libvirt-"));
    if (domain)
        json_add_integer(builder, "id", domain->id);
    json_add_boolean(builder, "id-assumed", start->id_assumed);
    json_add_boolean(builder, "starts", !start_is_refused(start));
    add_calls(builder, start);
    json_builder_set_member_name(builder, "profiles");
    json_builder_begin_array(builder);
    add_profile(builder, shown, START_QEMU);
    add_profile(builder, shown, START_VIRTIOFSD);
    json_builder_end_array(builder);
    if (shown->path) {
        json_builder_set_member_name(builder, "path");
        path_answer_to_json(builder, shown->path, shown->sides);
    }
    json_add_strings(builder, "warnings", start->request->warnings);
    json_builder_set_member_name(builder, "findings");
    findings_to_json(builder, shown->findings);
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}
