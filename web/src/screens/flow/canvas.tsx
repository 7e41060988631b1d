import {
  Background,
  type Connection,
  Controls,
  type Edge,
  type FitViewOptions,
  Handle,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useNodesState,
  useReactFlow,
  useStore,
  useStoreApi,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { createContext, useContext, useEffect, useMemo } from 'react';
import { useDark } from '../../look';
import { arrange, heightOf, stepWidth } from './arrange';
import { ends, type Flow, type Path, type Place, type Step, type Way } from './model';
import { useFlowWords } from './words';

export type Mark = 'error' | 'warning';

// Marked is what a node looks like besides what it is.
interface Marked {
  marks: Map<string, Mark>; // by the name of the node
  start: string;
  current?: string; // where a rehearsal is
  passed: Set<string>; // where it has been
}
const Marks = createContext<Marked>({ marks: new Map(), start: '', passed: new Set() });

type Drawn = Node<{ step: Step }, 'step'>;

// wayName is a way out as people say it.
export function useWayName() {
  const t = useFlowWords();
  return (path: Path) => {
    const last = path.at(-1) ?? '';
    if (path[0] === 'keys') return t('way.key', { key: last });
    if (path[0] === 'regions') return last;
    return t(`way.${last === 'then' ? 'holds' : last}`, { defaultValue: last });
  };
}

// summary is the one thing of a node that tells it from others of its type.
function summary(step: Step): string {
  const v = step.values;
  const said = (x: unknown): string =>
    typeof x === 'string' ? x : Array.isArray(x) ? x.map(said).join(' ') : x && typeof x === 'object' ? said(Object.values(x)) : '';
  return said(v.prompts ?? v.queue ?? v.calendar ?? v.topic ?? v.flow ?? v.if ?? v.url ?? v.targets ?? v.into ?? v.vars ?? v.for ?? '');
}

const readable = 0.7; // the least zoom at which a node can be read
// whole is the graph as it fits into the window, above the controls and the map.
const whole: FitViewOptions = { padding: { x: '16px', top: '16px', bottom: '112px' }, maxZoom: 1 };
const away = 0.5; // below this zoom a node is its name alone, in large letters

function Out({ way }: { way: Way }) {
  const t = useFlowWords();
  const name = useWayName();
  const ended = ends.includes(way.to);
  return (
    <div className={`step-way${way.to === '' ? ' step-loose' : ''}${way.to === '' && way.need ? ' step-missing' : ''}`}>
      <span>{name(way.path)}</span>
      {ended ? <span className="step-end">{t(`end.${way.to}`)}</span> : null}
      <Handle type="source" position={Position.Right} id={way.path.join('/')} />
    </div>
  );
}

function StepBox({ data: { step }, selected }: NodeProps<Drawn>) {
  const t = useFlowWords();
  const { marks, start, current, passed } = useContext(Marks);
  const mark = marks.get(step.name);
  const looks = ['step', selected ? 'step-on' : '', mark ? `step-${mark}` : '', current === step.name ? 'step-current' : ''];
  if (passed.has(step.name)) looks.push('step-passed');
  const about = summary(step);
  const far = useStore((s) => s.transform[2] < away);
  return (
    <div className={looks.join(' ')} style={{ width: stepWidth }}>
      {far ? (
        <div className="step-far" aria-hidden>
          {step.name}
        </div>
      ) : null}
      <Handle type="target" position={Position.Left} />
      <div className="step-head">
        <b>{step.name}</b>
        {start === step.name ? <span className="step-start">{t('edit.start')}</span> : null}
        <span className="step-type">{t(`kind.${step.type}`, { defaultValue: step.type })}</span>
      </div>
      {about ? (
        <div className="step-about" title={about}>
          {about}
        </div>
      ) : null}
      {step.ways.map((w) => (
        <Out key={w.path.join('/')} way={w} />
      ))}
    </div>
  );
}

const nodeTypes = { step: StepBox };

interface Props extends Omit<Marked, 'start'> {
  flow: Flow;
  chosen?: string;
  onChoose: (name: string | undefined) => void;
  onConnect: (from: string, path: Path, to: string) => void;
  onLoose: (from: string, path: Path) => void;
  onRemove: (names: string[]) => void;
  onPlace: (at: Record<string, Place>) => void;
}

function Graph({ flow, chosen, marks, current, passed, onChoose, onConnect, onLoose, onRemove, onPlace }: Props) {
  const t = useFlowWords();
  const [dark] = useDark();
  const { fitView, getViewport, setCenter } = useReactFlow();
  const store = useStoreApi();
  const [nodes, setNodes, onNodesChange] = useNodesState<Drawn>([]);
  const auto = useMemo(() => arrange(flow), [flow]);
  useEffect(() => {
    setNodes(
      flow.steps.map((step) => ({
        id: step.name,
        type: 'step' as const,
        position: step.at ?? auto[step.name] ?? { x: 0, y: 0 },
        data: { step },
        selected: step.name === chosen,
      })),
    );
  }, [flow, auto, chosen, setNodes]);
  const edges: Edge[] = flow.steps.flatMap((s) =>
    s.ways
      .filter((w) => flow.steps.some((x) => x.name === w.to))
      .map((w) => ({
        id: `${s.name}>${w.path.join('/')}`,
        source: s.name,
        target: w.to,
        sourceHandle: w.path.join('/'),
        className: passed.has(s.name) && passed.has(w.to) ? 'way-passed' : undefined,
        selectable: true,
      })),
  );
  const count = flow.steps.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another flow, or its first nodes, are looked at whole
  useEffect(() => {
    const timer = setTimeout(() => void fitView(whole), 60);
    return () => clearTimeout(timer);
  }, [fitView, flow.id, count === 0]);
  // show brings a node to the middle of the window and makes it large enough to be read; unless: not where it is in sight as it should be.
  const show = (name: string | undefined, unless: boolean) => {
    const step = flow.steps.find((s) => s.name === name);
    if (!step) return;
    const { x, y } = nodes.find((n) => n.id === name)?.position ?? step.at ?? auto[step.name] ?? { x: 0, y: 0 };
    const view = getViewport();
    const { width, height } = store.getState();
    const [left, top] = [x * view.zoom + view.x, y * view.zoom + view.y];
    const inSight = left >= 0 && top >= 0 && left + stepWidth * view.zoom <= width && top + heightOf(step) * view.zoom <= height;
    if (unless && inSight && view.zoom >= readable) return;
    void setCenter(x + stepWidth / 2, y + heightOf(step) / 2, { zoom: Math.max(view.zoom, readable), duration: 300 });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each choice, not for each change of a place
  useEffect(() => show(chosen, true), [chosen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the graph follows the call, not each change of a place
  useEffect(() => show(current, false), [current]);
  return (
    <Marks.Provider value={{ marks, start: flow.start, current, passed }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colorMode={dark ? 'dark' : 'light'}
        minZoom={0.15}
        deleteKeyCode={['Delete', 'Backspace']}
        onNodesChange={onNodesChange}
        onNodeClick={(_, n) => onChoose(n.id)}
        onPaneClick={() => onChoose(undefined)}
        onConnect={(c: Connection) => c.sourceHandle && onConnect(c.source, c.sourceHandle.split('/'), c.target)}
        onBeforeDelete={async ({ nodes: gone, edges: loose }) => {
          // The text is what is edited: the graph follows it.
          if (gone.length > 0) onRemove(gone.map((n) => n.id));
          else for (const e of loose) if (e.sourceHandle) onLoose(e.source, e.sourceHandle.split('/'));
          return false;
        }}
        onNodeDragStop={() => onPlace(Object.fromEntries(nodes.map((n) => [n.id, n.position])))}
      >
        <Background gap={20} />
        <Controls showInteractive={false} fitViewOptions={whole} />
        <MiniMap pannable zoomable ariaLabel={t('edit.map')} style={{ width: 160, height: 90 }} />
      </ReactFlow>
    </Marks.Provider>
  );
}

// Canvas draws a flow: nodes to be moved, joined and chosen. What is done to it goes back to the text.
export const Canvas = (props: Props) => (
  <ReactFlowProvider>
    <Graph {...props} />
  </ReactFlowProvider>
);
