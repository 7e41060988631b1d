import { api, type Me, may, take } from './api/client';
import { Engine, wants } from './phone/engine';
import { Tab } from './tab';

// Early is what a page does before it is drawn. It asks who is signed in; and where the telephone was on when the page was left, it
// connects and has its sound again without waiting for the screens, which weigh far more: a call goes on over a reload.
class Early {
  tab?: Tab;
  engine?: Engine;
  private who?: Me;
  private asked?: Promise<Me>;

  begin() {
    this.asked = take<Me>(api.GET('/api/v1/session'));
    this.asked.then(
      (me) => this.telephone(me),
      () => {}, // who asks for the answer sees it
    );
  }

  private telephone(me: Me) {
    if (!me.agent || !wants()) return;
    this.who = me;
    this.tab = new Tab(may(me, 'supervisor'));
    this.engine = new Engine(this.tab.line, me.agent);
    this.tab.begin();
    void this.engine.start();
  }

  // session is who is signed in: what was asked first, and once that was taken the server is asked again.
  session(): Promise<Me> {
    const asked = this.asked ?? take<Me>(api.GET('/api/v1/session'));
    this.asked = undefined;
    return asked;
  }

  // of is the tab that was begun for somebody; undefined where there is none, or it has ended.
  of(id: string, agent?: string): Tab | undefined {
    return this.who?.id === id && this.who.agent === agent && !this.tab?.line.closed ? this.tab : undefined;
  }
}

export const early = new Early();
