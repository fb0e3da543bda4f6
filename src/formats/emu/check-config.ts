import { DATABASE } from './bundles.ts';
import { array, expect, object, string, takeOnce } from './rules.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CONFIG_KEYS = [
  'name',
  'UUID',
  'mediafileExtension',
  'ssffTrackDefinitions',
  'levelDefinitions',
  'linkDefinitions',
  'EMUwebAppConfig',
] as const;

/**
 * Checks a configuration: it follows the rules of EMU, names are unique, and only defined levels are linked or shown.
 * @throws TaskError E_OUTPUT_INVALID
 */
export function checkConfig(json: unknown): void {
  const config = object(json, 'the configuration', CONFIG_KEYS);
  const { name, UUID: uuid, mediafileExtension } = config;
  expect(name === DATABASE, `the name ${DATABASE}`, name);
  expect(UUID.test(string(uuid)), 'a UUID', uuid);
  expect(mediafileExtension === 'wav', 'the extension wav', mediafileExtension);
  expect(array(config.ssffTrackDefinitions).length === 0, 'no tracks', config.ssffTrackDefinitions);
  const levels = new Set<string>();
  const attributes = new Set<string>();
  for (const one of array(config.levelDefinitions)) {
    const level = object(one, 'a level', ['name', 'type', 'attributeDefinitions']);
    takeOnce(levels, string(level.name), 'a level');
    expect(level.type === 'SEGMENT' || level.type === 'EVENT', 'SEGMENT or EVENT', level.type);
    const own = array(level.attributeDefinitions).map((attribute) =>
      object(attribute, 'an attribute', ['name', 'type', 'description']),
    );
    expect(own[0]?.name === level.name, 'a first attribute of the name of its level', own[0]?.name);
    for (const attribute of own) {
      takeOnce(attributes, string(attribute.name), 'an attribute');
      expect(attribute.type === 'STRING', 'the type STRING', attribute.type);
      string(attribute.description);
    }
  }
  const known = (level: unknown) => expect(levels.has(string(level)), 'a level that is defined', level);
  for (const one of array(config.linkDefinitions)) {
    const link = object(one, 'a link', ['type', 'superlevelName', 'sublevelName']);
    expect(link.type === 'ONE_TO_MANY', 'ONE_TO_MANY', link.type);
    known(link.superlevelName);
    known(link.sublevelName);
  }
  const web = object(config.EMUwebAppConfig, 'EMUwebAppConfig', ['perspectives', 'activeButtons']);
  for (const one of array(web.perspectives)) {
    const parts = ['name', 'signalCanvases', 'levelCanvases', 'twoDimCanvases'];
    const { levelCanvases } = object(one, 'a perspective', parts);
    array(object(levelCanvases, 'levelCanvases', ['order']).order).forEach(known);
  }
}
