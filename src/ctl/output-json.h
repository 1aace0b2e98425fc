/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one document that virt-aa-ctl --json says. */

#include <json-glib/json-glib.h>

#include "ctl/output.h"

/**
 * output_json:
 * @node: (transfer full): the document, printed where JSON is wanted
 */
void output_json(Output *output, JsonNode *node);
