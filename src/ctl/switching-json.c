/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/switching-json.h"

#include "ctl/finding-json.h"
#include "ctl/json-members.h"
#include "ctl/output-json.h"

static void
changes_to_json(const Changes *changes, JsonBuilder *builder)
{
    GPtrArray *list = changes_list(changes);

    json_builder_begin_array(builder);
    for (guint i = 0; i < list->len; i++) {
        const Change *change = g_ptr_array_index(list, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "action", change->action);
        json_add_string(builder, "path", change->path);
        json_add_string(builder, "to", change->to);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}

void
switching_to_json(Output *output, const Changes *changes, GPtrArray *findings)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();

    json_builder_begin_object(builder);
    json_add_boolean(builder, "dry_run", changes_is_dry_run(changes));
    json_builder_set_member_name(builder, "changes");
    changes_to_json(changes, builder);
    if (findings) {
        json_builder_set_member_name(builder, "chain");
        findings_to_json(builder, findings);
    }
    json_builder_end_object(builder);
    output_json(output, json_builder_get_root(builder));
}
