/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/finding-json.h"

#include "ctl/json-members.h"

void
findings_to_json(JsonBuilder *builder, GPtrArray *findings)
{
    json_builder_begin_array(builder);
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);

        json_builder_begin_object(builder);
        json_add_string(builder, "link", finding->link);
        json_add_string(builder, "verdict", finding_word(finding));
        json_add_string(builder, "text", finding->text);
        json_add_string(builder, "remedy", finding->remedy);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
}
