/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The environment, of which libvirtd or whoever started it decides and which is not trusted:
 * LANGUAGE=../../DIR would load messages of DIR, which are format strings, and NLSPATH, LOCPATH and
 * GCONV_PATH more of that kind.
 */

/* Variables that one of the programs may get: PATH, and three more. */
#define ENVIRONMENT_MAX 4

/**
 * environment_reduce:
 * Leaves this process, and what it runs by fork, PATH of our choice and the three variables that name a
 * locale, without those that say where one is.
 * Returns: (transfer none): what it was before
 */
char **environment_reduce(void);

/**
 * environment_for_virtiofsd:
 * @before: what environment_reduce() returned
 * @environment: (out): PATH, and what makes virtiofsd write more into its log
 */
void environment_for_virtiofsd(char *const before[], char *environment[ENVIRONMENT_MAX + 1]);
