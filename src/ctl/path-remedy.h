/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What would let a VM touch a path that it may not. */

#include "ctl/path-answer.h"

/** path_find_remedies: fills in the remedies of all sides of @answer, which are empty yet. */
void path_find_remedies(const Start *start, PathAnswer *answer);
