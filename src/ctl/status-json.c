/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "ctl/finding-json.h"
#include "ctl/json-members.h"
#include "ctl/status.h"
#include "ctl/words.h"

static void
add_findings(JsonBuilder *builder, const char *name, GPtrArray *findings)
{
    json_builder_set_member_name(builder, name);
    findings_to_json(builder, findings);
}

static void
add_labels(JsonBuilder *builder, GPtrArray *labels)
{
    json_builder_set_member_name(builder, "labels");
    json_builder_begin_array(builder);
    for (guint i = 0; i < labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(labels, i);

        json_builder_begin_object(builder);
        json_add_string_or_null(builder, "label", label->label);
        json_add_string_or_null(builder, "mode", label->mode);
        json_add_boolean(builder, "pending", label->pending);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

static void
add_process(JsonBuilder *builder, const char *name, const CtlProcess *process,
            Confinement confinement)
{
    if (name)
        json_builder_set_member_name(builder, name);
    if (!process) {
        json_builder_add_null_value(builder);
        return;
    }
    json_builder_begin_object(builder);
    json_add_integer(builder, "pid", process->pid);
    json_add_string_or_null(builder, "confinement", confinement_word(confinement));
    json_add_string_or_null(builder, "label", process->label);
    json_add_string_or_null(builder, "mode", process->mode);
    add_labels(builder, process->labels);
    json_add_string_or_null(builder, "program", process->exe);
    json_builder_end_object(builder);
}

static void
add_share(JsonBuilder *builder, const ShareState *share)
{
    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "alias", share->alias);
    json_add_string_or_null(builder, "target", share->target);
    json_add_string_or_null(builder, "directory", share->directory);
    json_add_boolean(builder, "readonly", share->readonly);
    json_add_boolean(builder, "external", share->external);
    json_builder_set_member_name(builder, "recorded");
    if (share->records_unseen)
        json_builder_add_null_value(builder);
    else
        json_builder_add_boolean_value(builder, share->recorded);
    json_add_string_or_null(builder, "confinement", confinement_word(share->confinement));
    add_process(builder, "virtiofsd", share->process, share->confinement);
    json_builder_end_object(builder);
}

static void
add_domain(JsonBuilder *builder, const DomainState *state)
{
    const CtlDomain *domain = state->domain;

    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "name", domain->name);
    json_add_string_or_null(builder, "uuid", domain->uuid);
    json_add_boolean(builder, "running", domain->running);
    json_add_string_or_null(builder, "verdict", domain_state_word(state));
    json_add_string_or_null(builder, "seclabel", domain->label_type);
    json_add_string_or_null(builder, "libvirt-label", domain->label);
    json_add_boolean(builder, "own-rules", state->own_rules);
    add_process(builder, "qemu", state->qemu, state->confinement);
    json_builder_set_member_name(builder, "shares");
    json_builder_begin_array(builder);
    for (guint i = 0; i < state->shares->len; i++)
        add_share(builder, g_ptr_array_index(state->shares, i));
    json_builder_end_array(builder);
    json_builder_set_member_name(builder, "more");
    json_builder_begin_array(builder);
    for (guint i = 0; i < state->more->len; i++) {
        const CtlProcess *process = g_ptr_array_index(state->more, i);

        add_process(builder, NULL, process, confinement_of(process, state->virtiofsd_profile));
    }
    json_builder_end_array(builder);
    add_findings(builder, "findings", state->findings);
    json_builder_end_object(builder);
}

static void
add_stray(JsonBuilder *builder, const Stray *stray)
{
    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "what", stray->is_qemu ? "qemu" : "virtiofsd");
    json_add_string_or_null(builder, "uuid",
                            stray->profile ? stray->profile + strlen("libvirt-") : NULL);
    json_add_string_or_null(builder, "name", stray->name);
    json_add_boolean(builder, "session", stray->pid_file && stray->pid_file->session);
    add_process(builder, "process", stray->process, stray->confinement);
    json_builder_end_object(builder);
}

static void
add_counts(JsonBuilder *builder, const StatusCounts *counts)
{
    json_builder_set_member_name(builder, "counts");
    json_builder_begin_object(builder);
    json_add_integer(builder, "confined", counts->confined);
    json_add_integer(builder, "exempt", counts->exempt);
    json_add_integer(builder, "stale", counts->stale);
    json_add_integer(builder, "unconfined", counts->unconfined);
    json_add_integer(builder, "unknown", counts->unknown);
    json_add_integer(builder, "off", counts->off);
    json_builder_end_object(builder);
}

JsonNode *
status_to_json(const Status *status)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_add_integer(builder, "status", status->status);
    add_counts(builder, &status->counts);
    if (status->chain)
        add_findings(builder, "chain", status->chain);
    add_findings(builder, "findings", status->findings);
    json_builder_set_member_name(builder, "domains");
    json_builder_begin_array(builder);
    for (guint i = 0; i < status->states->len; i++)
        add_domain(builder, g_ptr_array_index(status->states, i));
    json_builder_end_array(builder);
    if (status->strays) {
        json_builder_set_member_name(builder, "strays");
        json_builder_begin_array(builder);
        for (guint i = 0; i < status->strays->len; i++)
            add_stray(builder, g_ptr_array_index(status->strays, i));
        json_builder_end_array(builder);
    }
    json_builder_end_object(builder);
    return json_builder_get_root(builder);
}
