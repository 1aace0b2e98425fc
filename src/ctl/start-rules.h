/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where each rule of a start comes from. */

#include "ctl/start.h"

/** start_find_rules: fills in the grants and the rules of @start, whose plan is made or refused. */
void start_find_rules(Start *start);
