/**
 * The controller of VMMigrations. It reports them; the VM's own controller, in {@code operator.vm}, carries them out
 * and says in {@link io.trustedlaunch.operator.migration.PendingMigrations} why one does not begin.
 */
package io.trustedlaunch.operator.migration;
