/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Findings as JSON. */

#include <json-glib/json-glib.h>

#include "ctl/finding.h"

/** findings_to_json: adds an array of objects {link, verdict, text, remedy} to @builder. */
void findings_to_json(JsonBuilder *builder, GPtrArray *findings);
