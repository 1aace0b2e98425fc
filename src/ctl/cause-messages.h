/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The table behind cause_of(). */

#include "ctl/cause.h"

typedef struct {
    CauseId cause;
    const char *id; /* as in the sources, with its format's directives */
} CauseMessage;

extern const CauseMessage cause_messages[];
extern const gsize cause_n_messages;
