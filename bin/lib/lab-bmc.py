#!/usr/bin/python3
"""The management controllers of a lab's hosts: a small Redfish server with a system for each host.

usage: lab-bmc.py ADDRESS PORT LAB

The environment has LAB_DIR, and in NETNS_PREFIX what the names of the hosts' network namespaces begin with. The switch is bin/lab's own power cut. PowerState is read from
the host's processes, not remembered: Off is never said while one of them lives, unless the controller is told to lie.
"""
import base64
import hmac
import http.server
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time

LAB = sys.argv[3]
LAB_DIR = os.environ["LAB_DIR"]
BIN_LAB = os.path.join(os.path.dirname(__file__), "..", "lab")
NETNS_PREFIX = os.environ["NETNS_PREFIX"]
PASSWORD_FILE = os.path.join(LAB_DIR, "pki", "bmc.password")
FAULTS_FILE = os.path.join(LAB_DIR, "bmc.faults")
LIES_FILE = os.path.join(LAB_DIR, "bmc.lies")
LATE_SECONDS = 20
LONGEST_BODY = 4096

switching = threading.Lock()
failing = threading.Lock()
looking = threading.Lock()
namespaces = {}


def hosts():
    with open(os.path.join(LAB_DIR, "hosts.list")) as lines:
        return lines.read().split()


def machine_uuid(host):
    """The one that libvirt on the host reports for its machine."""
    with open(os.path.join(LAB_DIR, "hosts", host, "etc/libvirt/libvirtd.conf")) as text:
        return re.search(r'^host_uuid = "(.*)"', text.read(), re.M).group(1)


def reported_uuid(host):
    """Another host's, if it is to pass for another machine."""
    others = hosts()
    return machine_uuid(others[others.index(host) - 1] if lie_about(host) == "swap" else host)


def lie_about(host):
    """What to say of the host that is not so; empty if nothing."""
    try:
        with open(LIES_FILE) as lines:
            return dict(line.split() for line in lines).get(host, "")
    except FileNotFoundError:
        return ""


def power_state(host):
    if lie_about(host):
        return "Off"
    with looking:
        return "On" if has_power(host) else "Off"


def has_power(host):
    """Whether the host is up, or any process is in the network namespace that it has, or had before its power cut."""
    remember_namespace(host)
    if os.path.exists(os.path.join(LAB_DIR, "pins", host, "ready")):
        return True
    if host in namespaces:
        number = os.fstat(namespaces[host]).st_ino
        if any(map(number.__eq__, network_namespaces())):
            return True
        forget_namespace(host)
    return False


def remember_namespace(host):
    """By an open file: the kernel gives the number of one that is gone to the next."""
    try:
        present = os.open("/run/netns/" + NETNS_PREFIX + host, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    forget_namespace(host)
    namespaces[host] = present


def forget_namespace(host):
    if host in namespaces:
        os.close(namespaces.pop(host))


def network_namespaces():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield os.stat("/proc/" + pid + "/ns/net").st_ino
        except OSError:
            # It has ended, or is of another container.
            pass


def switch(host, *actions):
    """One after the other, as one controller does; bin/lab itself waits for its lock."""
    with switching:
        for action in actions:
            subprocess.run([BIN_LAB, "host", LAB, host, action], stdin=subprocess.DEVNULL, check=False)


def next_fault():
    """What to do wrong with this command; empty if nothing."""
    with failing:
        try:
            with open(FAULTS_FILE) as lines:
                faults = lines.read().split()
        except FileNotFoundError:
            return ""
        with open(FAULTS_FILE, "w") as lines:
            lines.write("\n".join(faults[1:]))
        return faults[0] if faults else ""


RESETS = {"On": ("start",), "ForceOff": ("crash",), "ForceRestart": ("crash", "start")}


def system(host):
    path = "/redfish/v1/Systems/" + host
    return {
        "@odata.id": path,
        "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
        "Id": host,
        "Name": host,
        "HostName": host,
        "UUID": reported_uuid(host),
        "PowerState": power_state(host),
        "Actions": {
            "#ComputerSystem.Reset": {
                "target": path + "/Actions/ComputerSystem.Reset",
                "ResetType@Redfish.AllowableValues": sorted(RESETS),
            }
        },
    }


def resource(path):
    if path == "/redfish/v1":
        return {"@odata.id": "/redfish/v1/", "RedfishVersion": "1.15.0", "Systems": {"@odata.id": "/redfish/v1/Systems"}}
    if path == "/redfish/v1/Systems":
        members = [{"@odata.id": "/redfish/v1/Systems/" + host} for host in hosts()]
        return {"@odata.id": path, "Members": members, "Members@odata.count": len(members)}
    found = re.fullmatch("/redfish/v1/Systems/([a-z0-9-]+)", path)
    return system(found.group(1)) if found and found.group(1) in hosts() else None


class Requests(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A client that sends nothing.
    timeout = 30

    def do_GET(self):
        path = self.path.rstrip("/")
        # As the specification says, the root is for everybody.
        if path != "/redfish/v1" and not self.is_authorized():
            return
        found = resource(path)
        self.answer(200 if found else 404, found or {"error": {"code": "Base.1.0.ResourceMissing"}})

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY))
        if not self.is_authorized():
            return
        found = re.fullmatch("/redfish/v1/Systems/([a-z0-9-]+)/Actions/ComputerSystem.Reset", self.path)
        if not found or found.group(1) not in hosts():
            self.answer(404, {"error": {"code": "Base.1.0.ResourceMissing"}})
            return
        try:
            actions = RESETS[json.loads(body)["ResetType"]]
        except (ValueError, KeyError, TypeError):
            self.answer(400, {"error": {"code": "Base.1.0.ActionParameterNotSupported"}})
            return
        fault = next_fault()
        if fault == "refuse":
            self.answer(500, {"error": {"code": "Base.1.0.InternalError"}})
            return
        if fault == "late":
            time.sleep(LATE_SECONDS)
        if fault in ("lie", "swap"):
            with open(LIES_FILE, "a") as lines:
                lines.write(found.group(1) + " " + fault + "\n")
        elif fault != "ignore":
            # Like a real one, it answers before the power has changed.
            threading.Thread(target=switch, args=(found.group(1), *actions)).start()
        self.answer(204, None)

    def is_authorized(self):
        with open(PASSWORD_FILE) as password:
            expected = "Basic " + base64.b64encode(b"admin:" + password.read().strip().encode()).decode()
        if hmac.compare_digest(self.headers.get("Authorization", "").encode(), expected.encode()):
            return True
        self.answer(401, {"error": {"code": "Base.1.0.InsufficientPrivilege"}})
        return False

    def answer(self, status, content):
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("OData-Version", "4.0")
        if body:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        """Here, in the thread of the connection: a client that never finishes its handshake holds up no other."""
        request.settimeout(Requests.timeout)
        tls = CONTEXT.wrap_socket(request, server_side=True)
        super().finish_request(tls, client_address)
        tls.close()


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(os.path.join(LAB_DIR, "pki", "bmc.crt"), os.path.join(LAB_DIR, "pki", "bmc.key"))
Server((sys.argv[1], int(sys.argv[2])), Requests).serve_forever()
