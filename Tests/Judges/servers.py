#!/usr/bin/env python3
"""Real servers for packages, each on a port of 127.0.0.1 that the kernel chooses.

    servers.py FOLDER

Starts OpenSSH's server, an rsync daemon and `rclone serve webdav`, which all serve FOLDER/served, and writes what a
client needs into FOLDER. Prints one line of JSON when all of them answer, and ends them when standard input ends.

As a module it also has the proxy that cuts.
"""

import contextlib
import json
import os
import pwd
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

HOST = "127.0.0.1"
REMOTE = "partner"


def listen():
    listener = socket.socket()
    listener.bind((HOST, 0))
    listener.listen(64)
    return listener, listener.getsockname()[1]


class PerConnection:
    """A server that is started anew for each connection, as inetd does; so its port is never somebody else's."""

    def __init__(self, command, log):
        self.command = command
        self.log = log
        self.listener, self.port = listen()
        self.children = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, open(self.log, "ab") as log:
                self.children = [child for child in self.children if child.poll() is None]
                self.children.append(subprocess.Popen(self.command, stdin=connection, stdout=connection, stderr=log))

    def settle(self):
        """Returns when nobody is served any more: what a client that died had asked for is done.

        Of an rsync that only reads, and was killed, a second process may go on waiting; that changes nothing.
        """
        for child in self.children:
            try:
                child.wait(3)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def close(self):
        # A listener that is only closed goes on accepting while a thread waits in it.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for child in self.children:
            child.kill()
            child.wait()


class Servers:
    def __init__(self, folder):
        self.folder = folder
        self.served = folder / "served"
        self.served.mkdir(parents=True, exist_ok=True)
        self.commands = {"sshd": self.sshd_command(), "rsyncd": self.rsyncd_command()}
        self.sshd, self.rsyncd = self.another("sshd"), self.another("rsyncd")
        self.rclone, self.rclone_port = self.start_rclone()

    def another(self, kind):
        """One more of these, which only its caller knows of."""
        return PerConnection(self.commands[kind], self.folder / f"{kind}.log")

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def sshd_command(self):
        server = shutil.which("sshd", path="/usr/sbin:" + os.environ["PATH"])
        if not server:
            raise SystemExit("sshd is missing: run `make deps`")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        for name in ["host_key", "id"]:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        shutil.copy(self.folder / "id.pub", self.folder / "authorized_keys")
        # Without PAM an account that has no password is called locked, which those of build machines often are.
        config = self.write("sshd_config", f"""\
HostKey "{self.folder}/host_key"
AuthorizedKeysFile "{self.folder}/authorized_keys"
AuthenticationMethods publickey
StrictModes no
UsePAM {"no" if os.geteuid() == 0 else "yes"}
PermitRootLogin prohibit-password
PidFile none
PrintMotd no
MaxStartups 100
Subsystem sftp internal-sftp
""")
        key = (self.folder / "host_key.pub").read_text().split()
        self.write("known_hosts", f"ferry-test {key[0]} {key[1]}\n")
        # The alias lets the key be known whatever the port is.
        self.write("ssh_config", f"""\
Host *
  HostKeyAlias ferry-test
  UserKnownHostsFile "{self.folder}/known_hosts"
  GlobalKnownHostsFile /dev/null
  IdentityFile "{self.folder}/id"
  IdentitiesOnly yes
  KexAlgorithms curve25519-sha256
""")
        return [server, "-i", "-e", "-f", str(config)]

    def rsyncd_command(self):
        # As root the files must be ours all the same.
        ids = "uid = 0\ngid = 0\n" if os.geteuid() == 0 else ""
        config = self.write("rsyncd.conf", f"""\
use chroot = no
reverse lookup = no
log file = {self.folder}/rsyncd.log
{ids}[drop]
path = {self.served}
read only = no
[locked]
path = {self.served}
read only = yes
[private]
path = {self.served}
read only = no
auth users = sender
secrets file = {self.folder}/rsyncd.secrets
""")
        self.write("rsyncd.secrets", "sender:not-for-the-log\n")
        return ["rsync", "--daemon", f"--config={config}"]

    def start_rclone(self):
        log = self.folder / "rclone.log"
        environment = {**os.environ, "RCLONE_CONFIG": "/dev/null"}
        with open(log, "wb") as output:
            process = subprocess.Popen(
                ["rclone", "serve", "webdav", "--addr", f"{HOST}:0", "--dir-cache-time", "0s", str(self.served)], stderr=output, env=environment)
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())):
            if process.poll() is not None:
                raise SystemExit("rclone does not serve: " + log.read_text())
            time.sleep(0.01)
        self.rclone_config(int(found[1]))
        return process, int(found[1])

    def rclone_config(self, port, name="rclone.conf"):
        return self.write(name, f"[{REMOTE}]\ntype = webdav\nurl = http://{HOST}:{port}\nvendor = other\n")

    def answer(self):
        return {
            "served": str(self.served), "sshd": self.sshd.port, "rsyncd": self.rsyncd.port, "webdav": self.rclone_port,
            "ssh_config": str(self.folder / "ssh_config"), "rclone_config": str(self.folder / "rclone.conf"),
            "user": pwd.getpwuid(os.geteuid()).pw_name,
        }

    def close(self):
        self.sshd.close()
        self.rsyncd.close()
        self.rclone.kill()
        self.rclone.wait()


class Cutter:
    """A proxy that breaks every connection, and takes no other, when `limit` bytes have passed in both directions."""

    def __init__(self, port, limit=None):
        self.target = port
        self.limit = limit
        self.passed = 0
        self.lock = threading.Lock()
        self.ends = []
        self.is_cut = False
        self.listener, self.port = listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HOST, self.target))
            except OSError:
                # Somebody who did not hear yet that the server is gone.
                client.close()
                continue
            with self.lock:
                self.ends += [client, server]
            for source, sink in [(client, server), (server, client)]:
                threading.Thread(target=self.pump, args=(source, sink), daemon=True).start()
            if self.is_cut:
                self.cut()

    def pump(self, source, sink):
        try:
            while data := source.recv(16384):
                with self.lock:
                    if self.limit is not None and self.passed + len(data) > self.limit:
                        data = data[: self.limit - self.passed]
                        self.is_cut = True
                    self.passed += len(data)
                sink.sendall(data)
                if self.is_cut:
                    break
            else:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            # One end is gone; the other must hear of it.
            for end in (source, sink):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        finally:
            if self.is_cut:
                self.cut()

    def cut(self):
        """Resets, as a line does that breaks."""
        with self.lock:
            self.is_cut = True
            ends, self.ends = self.ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self, port):
        """Carries everything from now on, to a server at `port`."""
        with self.lock:
            self.target, self.limit, self.is_cut = port, None, False

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()


def main():
    servers = Servers(Path(sys.argv[1]))
    try:
        print(json.dumps(servers.answer()), flush=True)
        sys.stdin.read()
    finally:
        servers.close()


if __name__ == "__main__":
    main()
