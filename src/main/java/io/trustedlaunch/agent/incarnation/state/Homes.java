package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.Home;

/** Where VMs have their homes. */
@FunctionalInterface
public interface Homes {
    Home at(VmFolder folder);
}
