package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.MigrationOptions;
import io.trustedlaunch.agent.hypervisor.MigrationTarget;
import io.trustedlaunch.agent.migration.Arrivals;
import io.trustedlaunch.agent.migration.Migration;
import io.trustedlaunch.agent.migration.Migrations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/** Moves guests between fake hypervisors: at once, or when the test says so. */
final class FakeMigrations implements Migrations {
    private final String node;
    private final FakeHypervisor hypervisor;
    private final Map<String, Arrivals> others = new HashMap<>();
    private final Map<Long, Course> courses = new HashMap<>();
    private final Map<Migration, MigrationOptions> manners = new HashMap<>();
    private BiConsumer<Migration, Migrations> gone = (move, movement) -> {};
    private String alsoTo = "";
    private boolean unseen;
    private boolean slow;
    private boolean linkDown;
    private boolean wordsAreLost;
    private int begun;
    private int cutOff;

    FakeMigrations(String node, FakeHypervisor hypervisor) {
        this.node = node;
        this.hypervisor = hypervisor;
    }

    void connect(String otherNode, Arrivals arrivals) {
        others.put(otherNode, arrivals);
    }

    /** What the agent does as soon as a guest is gone. */
    void onGone(BiConsumer<Migration, Migrations> act) {
        gone = act;
    }

    /** From now on guests leave without this process seeing it. */
    void beUnseen() {
        unseen = true;
    }

    /** From now on a move lasts until {@link #finish}. */
    void beSlow() {
        slow = true;
    }

    void setLinkDown(boolean down) {
        linkDown = down;
    }

    void loseWords() {
        wordsAreLost = true;
    }

    void findWords() {
        wordsAreLost = false;
    }

    /** Another guest's, too. */
    void beUnderwayTo(String address) {
        alsoTo = address;
    }

    /** What is under way ends without having moved anything. */
    void fail(String why) {
        courses.replaceAll((epoch, course) -> course instanceof Course.Underway ? new Course.Failed(why) : course);
    }

    /** The process ended, and all that it knew with it. */
    void forget() {
        courses.clear();
    }

    int begun() {
        return begun;
    }

    int cutOff() {
        return cutOff;
    }

    @Override
    public void begin(Migration move, MigrationOptions manner) {
        begun++;
        manners.put(move, manner);
        courses.put(move.epoch(), new Course.Underway());
        if (!slow) {
            finish(move);
        }
    }

    void finish(Migration move) {
        try {
            if (linkDown) {
                courses.put(move.epoch(), new Course.Failed("the link is down"));
                return;
            }
            Optional<String> refusal = others.get(move.to().nodeName()).refusal(node, move.vm(), move.epoch());
            if (refusal.isPresent()) {
                courses.put(move.epoch(), new Course.Failed(refusal.get()));
                return;
            }
            hypervisor.migrate(
                    move.vm(),
                    new MigrationTarget(
                            move.epoch(), move.to().nodeName(), move.to().address(), Path.of("/run/no-such-socket")),
                    manners.get(move));
            if (!unseen) {
                courses.put(move.epoch(), new Course.Gone());
                gone.accept(move, this);
            }
        } catch (HypervisorException e) {
            courses.put(move.epoch(), new Course.Failed(e.getMessage()));
        }
    }

    @Override
    public boolean isUnderwayTo(String address) {
        return address.equals(alsoTo);
    }

    @Override
    public Course course(UUID vm, long epoch) {
        return courses.getOrDefault(epoch, new Course.Unknown());
    }

    @Override
    public void sendHome(Migration move, List<HomeFile> files) throws IOException {
        if (linkDown || (wordsAreLost && begun > 0)) {
            throw new IOException("the link is down");
        }
        Optional<String> refusal = others.get(move.to().nodeName()).home(node, move.vm(), move.epoch(), files);
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
    }

    @Override
    public void reportLeft(Migration move) throws IOException {
        if (linkDown || wordsAreLost) {
            throw new IOException("the link is down");
        }
        Optional<String> refusal = others.get(move.to().nodeName()).left(node, move.vm(), move.epoch());
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
    }

    @Override
    public void abortOutgoing(UUID vm) {
        fail("its way was cut");
    }

    @Override
    public void abortIncoming(UUID vm) {
        cutOff++;
    }
}
