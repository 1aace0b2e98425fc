/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/output-json.h"

void
output_json(Output *output, JsonNode *node)
{
    g_autoptr(JsonGenerator) generator = json_generator_new();
    g_autofree char *text = NULL;

    if (output_is_json(output)) {
        json_generator_set_root(generator, node);
        json_generator_set_pretty(generator, TRUE);
        text = json_generator_to_data(generator, NULL);
        output_document(output, text);
    }
    json_node_unref(node);
}
