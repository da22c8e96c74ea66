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
 * A folder in memory. Any one call can fail, before it did anything or after it did half; and at any moment the power can
 * go, with which goes what was not synced: all of it, some, or none.
 */
final class FaultyHomeFiles implements HomeFiles {
    /** A file's content; names are links to it. */
    private static final class Content {
        private byte[] now;
        private boolean durable;
    }

    /** A name given or taken, not yet on the disk. */
    private record Change(String name, Content content) {}

    private final SortedMap<String, Content> names = new TreeMap<>();
    private final SortedMap<String, Content> durableNames = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();
    private int calls;
    private int failingCall = Integer.MAX_VALUE;
    private int pausedCall = Integer.MAX_VALUE;
    private Runnable whilePaused;
    private IOException failure;
    private boolean stays;

    /** The call of this number, counted from now, fails once or, if {@code forGood}, so do all after it. */
    void failAt(int call, IOException how, boolean forGood) {
        calls = 0;
        failingCall = call;
        failure = how;
        stays = forGood;
    }

    /** Whoever makes the call of this number, counted from now, is paused before it while something else happens. */
    void pauseAt(int call, Runnable meanwhile) {
        calls = 0;
        pausedCall = call;
        whilePaused = meanwhile;
    }

    /** What was to happen while a call was paused happens now, if that call was not made. */
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
     * The power is cut: what each possible disk holds afterwards. Of changes of names that were not synced each subset
     * may have come through; of content that was not synced nothing, a half, or all.
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
