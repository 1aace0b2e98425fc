/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the launcher refuses of a start that the helper let pass. */

#include "ctl/finding.h"
#include "helper/request.h"

/**
 * start_check_shares:
 * @request: with a model
 * @refusals: (element-type Finding): gets one for each share that no virtiofsd is going to serve
 *
 * The launcher's own questions (launcher/confine.h, binary.h) put to the domain and this host: the launcher is
 * libc only, and may not be called from here.
 */
void start_check_shares(const Request *request, GPtrArray *refusals);

/** start_check_own_shares: of them what no virtiofsd serves, under whatever label. */
void start_check_own_shares(const Request *request, GPtrArray *refusals);
