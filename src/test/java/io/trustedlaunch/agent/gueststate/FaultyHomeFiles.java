package io.trustedlaunch.agent.gueststate;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A folder in memory. Any call can fail before or halfway through its effect, and a power cut at any moment loses all, some
 * or none of the data that was not synced.
 */
final class FaultyHomeFiles implements HomeFiles {
    /** A file's content, to which names link. */
    private static final class Content {
        private byte[] now;
        private boolean durable;
    }

    /**
     * A name that was added or removed, but is not on the disk yet.
     *
     * @param gone the name that it had before, if it was renamed
     */
    private record Change(String name, Content content, String gone) {
        Change(String name, Content content) {
            this(name, content, null);
        }
    }

    private final SortedMap<String, Content> names = new TreeMap<>();
    private final SortedMap<String, Content> durableNames = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();
    private int calls;
    private int failingCall = Integer.MAX_VALUE;
    private int pausedCall = Integer.MAX_VALUE;
    private Runnable whilePaused;
    private IOException failure;
    private boolean stays;

    /** Makes the call with this number, counted from now, fail; with {@code forGood} all later ones too. */
    void failAt(int call, IOException how, boolean forGood) {
        calls = 0;
        failingCall = call;
        failure = how;
        stays = forGood;
    }

    /** Pauses before the call with this number, counted from now, and runs something else meanwhile. */
    void pauseAt(int call, Runnable meanwhile) {
        calls = 0;
        pausedCall = call;
        whilePaused = meanwhile;
    }

    /** Runs the action of {@link #pauseAt} now, if its call was not made. */
    void resume() {
        Runnable happening = whilePaused;
        whilePaused = null;
        if (happening != null) {
            happening.run();
        }
    }

    void heal() {
        failingCall = Integer.MAX_VALUE;
    }

    boolean hasFailed() {
        return calls >= failingCall;
    }

    /**
     * All possible contents of the disk after a power cut. Of unsynced changes of names any subset may have been written; of
     * unsynced content nothing, half or all.
     */
    List<FaultyHomeFiles> afterPowerCut() {
        List<FaultyHomeFiles> disks = new ArrayList<>();
        for (int subset = 0; subset < 1 << pending.size(); subset++) {
            for (int torn = 0; torn <= 2; torn++) {
                disks.add(disk(subset, torn));
            }
        }
        return disks;
    }

    private FaultyHomeFiles disk(int subset, int torn) {
        Map<String, Content> left = new LinkedHashMap<>(durableNames);
        for (int change = 0; change < pending.size(); change++) {
            if ((subset >> change & 1) == 1) {
                Change came = pending.get(change);
                left.remove(came.gone());
                if (came.content() == null) {
                    left.remove(came.name());
                } else {
                    left.put(came.name(), came.content());
                }
            }
        }
        FaultyHomeFiles disk = new FaultyHomeFiles();
        left.forEach((name, content) -> {
            Content kept = new Content();
            kept.now = content.durable ? content.now : Arrays.copyOf(content.now, content.now.length * torn / 2);
            kept.durable = true;
            disk.names.put(name, kept);
            disk.durableNames.put(name, kept);
        });
        return disk;
    }

    @Override
    public List<String> list() throws IOException {
        fail();
        return List.copyOf(names.keySet());
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        fail();
        byte[] content = found(name).now;
        return Arrays.copyOf(content, Math.min(limit, content.length));
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        Content made = new Content();
        made.now = Arrays.copyOf(content, content.length / 2);
        name(name, made);
        fail();
        made.now = content.clone();
    }

    @Override
    public void sync(String name) throws IOException {
        fail();
        found(name).durable = true;
    }

    @Override
    public void link(String existing, String name) throws IOException {
        fail();
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        name(name, found(existing));
    }

    @Override
    public void rename(String existing, String name) throws IOException {
        fail();
        Content content = found(existing);
        names.remove(existing);
        names.put(name, content);
        pending.add(new Change(name, content, existing));
    }

    @Override
    public void delete(String name) throws IOException {
        fail();
        if (names.remove(name) != null) {
            pending.add(new Change(name, null));
        }
    }

    @Override
    public void syncFolder() throws IOException {
        fail();
        durableNames.clear();
        durableNames.putAll(names);
        pending.clear();
    }

    private void name(String name, Content content) {
        names.put(name, content);
        pending.add(new Change(name, content));
    }

    private Content found(String name) throws IOException {
        Content content = names.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    private void fail() throws IOException {
        calls++;
        if (calls == pausedCall) {
            resume();
        }
        if (calls == failingCall || (stays && calls > failingCall)) {
            throw failure;
        }
    }
}
