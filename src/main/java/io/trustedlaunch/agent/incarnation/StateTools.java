package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper;
import io.trustedlaunch.agent.incarnation.state.Homes;
import io.trustedlaunch.agent.incarnation.state.Secrets;
import io.trustedlaunch.agent.incarnation.state.Tpms;
import java.util.concurrent.Executor;

/**
 * The tools that open, seal and keep the state of guests.
 *
 * @param prober reads endorsement keys while QEMU starts
 */
public record StateTools(Tpms tpms, Secrets secrets, Homes homes, GuestStateKeeper keeper, Executor prober) {}
