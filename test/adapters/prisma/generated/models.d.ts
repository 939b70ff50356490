export type * from './models/User.js';
export type * from './models/Post.js';
export type * from './models/Setting.js';
export type * from './models/Thing.js';
export type * from './commonInputTypes.js';
