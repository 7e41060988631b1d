// Sound is the microphone and the loudspeaker of a tab, and the WebRTC connections of its calls.

import { into, microphoneOf } from './devices';
import type { Filter, MakeFilter } from './noise';
import { type Quality, qualityOf } from './quality';

interface Connection {
  peer: RTCPeerConnection;
  stop: () => void;
  lost: () => void;
}

const lostAfter = 3_000; // ms that a connection may be disconnected before it is made anew
const pause = 2_000; // ms before a waiting connection is tried again

// waiting is the connection of a tab that waits for calls: nothing is sent on it, but the server sees that sound would go through.
const waiting = '';

export class Sound {
  private microphone?: MediaStreamTrack;
  private sent?: MediaStreamTrack; // what the other side hears: the microphone, or what a filter makes of it
  private filter?: Filter;
  private connections = new Map<string, Connection>();
  private speaker = new Audio();
  private muted = false;
  private standing = false;
  private again?: ReturnType<typeof setTimeout>;

  // offer takes a description to the server, for a call or, without one, for a tab that waits; lost hears that a call's connection is gone,
  // changed that the microphone came or went, noisy that the filter of noise did not work, or worked again.
  constructor(
    private offer: (call: string | undefined, sdp: string) => Promise<string>,
    private lost: (call: string) => void,
    private changed: () => void = () => {},
    private noisy: (on: boolean) => void = () => {},
  ) {
    this.speaker.autoplay = true;
    window.addEventListener('online', () => this.online()); // as long as the page: there is one Sound in it
  }

  // online makes anew what lost its network: there is another one.
  private online() {
    for (const c of [...this.connections.values()]) if (c.peer.connectionState !== 'connected') c.lost();
  }

  // begin asks for the microphone; it must come from a click, so that the browser also lets us be heard. With make there is a filter behind
  // it: the microphone is heard as it is until that runs, and again if it fails.
  async begin(make?: MakeFilter) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: microphoneOf(make !== undefined) });
    const microphone = stream.getAudioTracks()[0];
    if (!microphone) throw new Error('no microphone');
    microphone.onended = () => this.changed();
    this.microphone = microphone;
    this.send(microphone);
    this.noisy(false);
    if (make) void this.filterOut(microphone, make);
  }

  private async filterOut(microphone: MediaStreamTrack, make: MakeFilter) {
    const raw = () => {
      if (this.microphone !== microphone) return; // given back meanwhile
      this.send(microphone);
      this.noisy(true);
    };
    try {
      const filter = await make(microphone, raw);
      if (this.microphone !== microphone) {
        filter.close();
        return;
      }
      this.filter = filter;
      microphone.enabled = true; // a filter that hears nothing would be taken for one that lets nothing through
      this.send(filter.track);
    } catch {
      raw();
    }
  }

  // send is what the other sides hear from now on.
  private send(track: MediaStreamTrack) {
    track.enabled = !this.muted;
    this.sent = track;
    for (const { peer } of this.connections.values()) for (const s of peer.getSenders()) if (s.track) void s.replaceTrack(track);
  }

  // standBy shows the server, until the tab is no longer wanted, that its sound would go through.
  async standBy() {
    this.standing = true;
    clearTimeout(this.again);
    const retry = () => {
      clearTimeout(this.again);
      if (this.standing) this.again = setTimeout(() => void this.standBy(), pause);
    };
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    peer.addTransceiver('audio', { direction: 'inactive' });
    try {
      await this.join(waiting, peer, retry);
    } catch {
      retry(); // the server is away, or has no room: nothing rings here until it is back
    }
  }

  // standDown ends that.
  standDown() {
    this.standing = false;
    clearTimeout(this.again);
    this.drop(waiting);
  }

  get ready(): boolean {
    return this.microphone?.readyState === 'live';
  }

  has(call: string): boolean {
    return this.connections.has(call);
  }

  // connect makes the sound of a call, or makes it anew.
  async connect(call: string) {
    if (!this.sent) throw new Error('no microphone');
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    peer.addTrack(this.sent, new MediaStream([this.sent]));
    peer.ontrack = (ev) => {
      this.speaker.srcObject = ev.streams[0] ?? new MediaStream([ev.track]);
      void into(this.speaker, 'speaker').then(() => this.speaker.play());
    };
    await this.join(call, peer, () => this.lost(call));
  }

  // join connects a peer in place of an earlier one of the same name; lost hears of its end unless it was dropped.
  private async join(name: string, peer: RTCPeerConnection, lost: () => void) {
    this.drop(name);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = {
      peer,
      stop: () => {
        clearTimeout(timer);
        peer.close();
      },
      lost,
    };
    this.connections.set(name, connection);
    peer.onconnectionstatechange = () => {
      clearTimeout(timer);
      const gone = () => {
        if (this.connections.get(name) === connection) lost();
      };
      if (peer.connectionState === 'failed') gone();
      if (peer.connectionState === 'disconnected') timer = setTimeout(gone, lostAfter);
    };
    await peer.setLocalDescription(await peer.createOffer());
    const sdp = await this.offer(name || undefined, peer.localDescription?.sdp ?? '');
    await peer.setRemoteDescription({ type: 'answer', sdp });
  }

  // mute cuts the microphone in the browser: nothing of it leaves the machine.
  mute(on: boolean) {
    this.muted = on;
    if (this.sent) this.sent.enabled = !on;
  }

  // quality is how a call's sound comes through; undefined while nothing is known.
  async quality(call: string): Promise<Quality | undefined> {
    const stats = await this.connections.get(call)?.peer.getStats();
    return stats && qualityOf([...stats.values()]);
  }

  drop(call: string) {
    this.connections.get(call)?.stop();
    this.connections.delete(call);
  }

  // keep drops every connection but those of the calls that go on.
  keep(calls: string[]) {
    for (const name of this.connections.keys()) if (name !== waiting && !calls.includes(name)) this.drop(name);
  }

  end() {
    this.standDown();
    for (const call of this.connections.keys()) this.drop(call);
    this.microphone?.stop();
    this.filter?.close();
    this.microphone = undefined;
    this.sent = undefined;
    this.filter = undefined;
  }
}
