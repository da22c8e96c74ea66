package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.gueststate.Home;

/** Opens the home in a VM's folder. */
@FunctionalInterface
public interface Homes {
    Home at(VmFolder folder);
}
