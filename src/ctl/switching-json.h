/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What enable, update and disable say as JSON. */

#include "ctl/changes.h"
#include "ctl/output.h"

/** switching_to_json: @findings of the chain afterwards is (nullable): of a dry run there are none. */
void switching_to_json(Output *output, const Changes *changes, GPtrArray *findings);
