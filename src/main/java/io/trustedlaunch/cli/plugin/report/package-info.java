/** Custom resources as text for users. Pure: no client and no terminal. */
package io.trustedlaunch.cli.plugin.report;
