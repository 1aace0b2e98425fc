/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/finding-json.h"

void
findings_to_json(JsonBuilder *builder, GPtrArray *findings)
{
    json_builder_begin_array(builder);
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);

        json_builder_begin_object(builder);
        json_builder_set_member_name(builder, "link");
        json_builder_add_string_value(builder, finding->link);
        json_builder_set_member_name(builder, "verdict");
        json_builder_add_string_value(builder, finding_word(finding));
        json_builder_set_member_name(builder, "text");
        json_builder_add_string_value(builder, finding->text);
        if (finding->remedy) {
            json_builder_set_member_name(builder, "remedy");
            json_builder_add_string_value(builder, finding->remedy);
        }
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}
